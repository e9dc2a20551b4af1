// Whose a kept row is, or a partition, where states were saved of shares of the keys: what its sender would say of it
// (exchange-groups.ts).
import { STATE_HASHES } from './aggregate-state';
import { exchangeCore } from './exchange-groups';
import { keyHash, keyPack } from './group-key';
import {
  BATCH_COLUMNS,
  BATCH_ROW_COUNT,
  COLUMN_BYTES,
  COLUMN_DATA,
  COLUMN_VALIDITY,
  PHYSICAL_I32,
  PHYSICAL_REF,
  PHYSICAL_U8,
} from './layout';
import { FIELD_BYTES, FIELD_NULL_OFFSET, FIELD_OFFSET, FIELD_PHYSICAL } from './layout-rows';
import {
  SHARE_BATCH,
  SHARE_CORE,
  SHARE_CORES,
  SHARE_HASHING,
  SHARE_KEY_COUNT,
  SHARE_KEYS,
  SHARE_REFERENCES,
} from './layout-share';

/** Whether a kept row is this core's. */
export function shareHasRow(share: usize, row: usize): bool {
  if (!load<u32>(share, SHARE_HASHING)) return true;
  const count = load<u32>(share, SHARE_KEY_COUNT);
  for (let k: u32 = 0; k < count; k++) {
    const field = <usize>load<u32>(share, SHARE_KEYS) + k * FIELD_BYTES;
    const nullOffset = load<i32>(field, FIELD_NULL_OFFSET);
    look(share, k, row + <usize>load<u32>(field, FIELD_OFFSET), nullOffset < 0 ? 0 : row + nullOffset);
  }
  return isOwn(share);
}

/** Whether a key as partitions have it (partition.ts) is this core's. */
export function shareHasKey(share: usize, key: usize): bool {
  if (!load<u32>(share, SHARE_HASHING)) return true;
  const count = load<u32>(share, SHARE_KEY_COUNT);
  let at = key;
  for (let k: u32 = 0; k < count; k++) {
    const field = <usize>load<u32>(share, SHARE_KEYS) + k * FIELD_BYTES;
    let validity: usize = 0;
    if (load<i32>(field, FIELD_NULL_OFFSET) >= 0) {
      validity = at;
      at++;
    }
    if (validity != 0 && load<u8>(validity) == 0) {
      look(share, k, at, validity);
      continue;
    }
    const physical = load<u32>(field, FIELD_PHYSICAL);
    if (physical == PHYSICAL_REF) {
      const reference = <usize>load<u32>(share, SHARE_REFERENCES) + (k << 3);
      store<u32>(reference, <u32>at + 4);
      store<u32>(reference, load<u32>(at), 4);
      look(share, k, reference, validity);
      at += 4 + load<u32>(at);
    } else {
      look(share, k, at, validity);
      at += physical == PHYSICAL_U8 ? 1 : physical == PHYSICAL_I32 ? 4 : 8;
    }
  }
  return isOwn(share);
}

/** Has a column of the batch look at a value. */
@inline
function look(share: usize, column: u32, data: usize, validity: usize): void {
  const at = <usize>load<u32>(share, SHARE_BATCH) + BATCH_COLUMNS + column * COLUMN_BYTES;
  store<u32>(at, <u32>data, COLUMN_DATA);
  store<u32>(at, <u32>validity, COLUMN_VALIDITY);
}

function isOwn(share: usize): bool {
  const hashing = <usize>load<u32>(share, SHARE_HASHING);
  const batch = <usize>load<u32>(share, SHARE_BATCH);
  store<u32>(batch, 1, BATCH_ROW_COUNT);
  keyPack(hashing, batch, 0, 1);
  keyHash(hashing, batch, 0, 1);
  const core = exchangeCore(load<u32>(load<u32>(hashing, STATE_HASHES)), load<u32>(share, SHARE_CORES));
  return core == load<u32>(share, SHARE_CORE);
}
