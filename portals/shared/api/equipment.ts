import { queryOptions } from '@tanstack/react-query';
import { ask } from './ask';
import { blockEquipment, listEquipment } from './generated/sdk.gen';
import type * as gen from './generated/types.gen';

export const equipmentQuery = queryOptions({ queryKey: ['equipment', 'list'], queryFn: () => ask(listEquipment({ query: { pageSize: 200 } })) });

export const blockTime = (id: string, body: gen.WriteBlockedTime) => ask(blockEquipment({ path: { id }, body }));
