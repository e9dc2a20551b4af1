// What the condition of a join leaves of a flight: see join.ts.
import { ROW_IS_MATCHED, sideAt } from './join-state';
import { JOIN_COUNT, JOIN_INNER, JOIN_KIND, JOIN_SEMI, SIDE_FLIGHT } from './layout-join';

/**
 * Of the flight only what belongs to the result stays: pairs that fulfil the condition (`count` numbers, ascending, at
 * `passing`), of a semi join the first of each left row, and rows without a match that have not got one before in it.
 * @returns the rows left
 */
export function joinSettle(state: usize, passing: usize, count: u32): u32 {
  const kind = load<u32>(state, JOIN_KIND);
  const lefts = <usize>load<u32>(sideAt(state, 0), SIDE_FLIGHT);
  const rights = <usize>load<u32>(sideAt(state, 1), SIDE_FLIGHT);
  const rows = load<u32>(state, JOIN_COUNT);
  let next: u32 = 0;
  let kept: u32 = 0;
  for (let i: u32 = 0; i < rows; i++) {
    const left = <usize>load<u32>(lefts + (i << 2));
    const right = <usize>load<u32>(rights + (i << 2));
    const passes = next < count && load<u32>(passing + (next << 2)) == i;
    if (passes) next++;
    let stays = false;
    if (left != 0 && right != 0) {
      stays = passes && (kind == JOIN_INNER || (kind == JOIN_SEMI && load<u32>(left, ROW_IS_MATCHED) == 0));
      if (passes) {
        store<u32>(left, 1, ROW_IS_MATCHED);
        store<u32>(right, 1, ROW_IS_MATCHED);
      }
    } else stays = load<u32>(left ? left : right, ROW_IS_MATCHED) == 0;
    if (!stays) continue;
    store<u32>(lefts + (kept << 2), <u32>left);
    store<u32>(rights + (kept << 2), <u32>right);
    kept++;
  }
  store<u32>(state, kept, JOIN_COUNT);
  return kept;
}
