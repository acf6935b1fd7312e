import { queryOptions } from '@tanstack/react-query';
import { ask, ifMatch, tell } from './ask';
import { addEquipment, blockEquipment, listEquipment, saveEquipment, unblockEquipment } from './generated/sdk.gen';
import type * as gen from './generated/types.gen';
import type { Equipment } from './types';

export const equipmentQuery = queryOptions({ queryKey: ['equipment', 'list'], queryFn: () => ask(listEquipment({ query: { pageSize: 200 } })) });

export const blockTime = (id: string, body: gen.WriteBlockedTime) => tell(blockEquipment({ path: { id }, body }));
export const unblockTime = (id: string, blockId: string) => tell(unblockEquipment({ path: { id, blockId } }));
export const addRoom = (body: gen.WriteEquipment, idempotencyKey: string) => tell(addEquipment({ body, headers: { 'Idempotency-Key': idempotencyKey } }));
export const saveRoom = (room: Pick<Equipment, 'id' | 'version'>, body: gen.WriteEquipment) => tell(saveEquipment({ path: { id: room.id }, headers: ifMatch(room.version), body }));
