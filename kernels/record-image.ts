// What was written of a group (group-record.ts), for its image (image.ts): its records, of which only sessions have
// several, and their strings.
//
//   { u32 1 │ record, of a session with its edges │ its strings } … u32 0
import { STATE_SESSIONS } from './aggregate-state';
import { RESULT_BYTES, RESULT_CAPACITY, RESULT_VALID, recordBytes, recordHoldsText } from './group-record';
import { imageBytes, imageIsSaved, imagePut, imagePutBlock, imageRoom, imageTake, imageTakeBlock } from './image';
import { AGGREGATE_CALL_COUNT } from './layout-aggregate';
import { RECORD_HEADER, recordNext, recordPlace, recordSetNext } from './session-record';

/** Visits the records of an entry. */
export function recordsVisit(state: usize, entry: usize): void {
  const place = recordPlace(state, entry);
  const isSession = load<u32>(state, STATE_SESSIONS) != 0;
  const header: u32 = isSession ? RECORD_HEADER : 0;
  const bytes = header + recordBytes(state);
  if (imageIsSaved()) {
    for (let record = <usize>load<u32>(place); record; record = isSession ? recordNext(record) : 0) {
      imagePut(1);
      imagePutBlock(record - header, bytes);
      textsVisit(state, record);
    }
    imagePut(0);
    return;
  }
  store<u32>(place, 0);
  let last: usize = 0;
  while (imageTake()) {
    const record = imageRoom(bytes) + header;
    imageTakeBlock(record - header, bytes);
    textsVisit(state, record);
    if (isSession) recordSetNext(record, 0);
    if (last) recordSetNext(last, record);
    else store<u32>(place, <u32>record);
    last = record;
  }
}

function textsVisit(state: usize, record: usize): void {
  const count = load<u32>(state, AGGREGATE_CALL_COUNT);
  for (let index: u32 = 0; index < count; index++) {
    const kept = record + index * RESULT_BYTES;
    const capacity = load<u32>(kept, RESULT_CAPACITY);
    if (!capacity || !recordHoldsText(state, index)) continue;
    if (load<u32>(kept, RESULT_VALID)) imageBytes(kept, load<u32>(kept, 4), capacity);
    else if (!imageIsSaved()) store<u32>(kept, 0, RESULT_CAPACITY);
  }
}
