import { queryOptions } from '@tanstack/react-query';
import { ask, tell } from './ask';
import { blockEquipment, listEquipment, unblockEquipment } from './generated/sdk.gen';
import type * as gen from './generated/types.gen';

export const equipmentQuery = queryOptions({ queryKey: ['equipment', 'list'], queryFn: () => ask(listEquipment({ query: { pageSize: 200 } })) });

export const blockTime = (id: string, body: gen.WriteBlockedTime) => tell(blockEquipment({ path: { id }, body }));
export const unblockTime = (id: string, blockId: string) => tell(unblockEquipment({ path: { id, blockId } }));
