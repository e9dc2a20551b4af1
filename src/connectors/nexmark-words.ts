// The words of NEXMARK's records, in the order of their slots in kernels/layout.ts.

import * as makerLayout from '../../kernels/layout-makers.ts';
import { assert } from '../base/assert.ts';

const FIRST_NAMES = 'Peter,Paul,Luke,John,Saul,Vicky,Kate,Julie,Sarah,Deiter,Walter'.split(',');
const LAST_NAMES = 'Shultz,Abrams,Spencer,White,Bartels,Walton,Smith,Jones,Noris'.split(',');
const CITIES = 'Phoenix,Los Angeles,San Francisco,Boise,Portland,Bend,Redmond,Seattle,Kent,Cheyenne'.split(',');
const STATES = 'AZ,CA,ID,OR,WA,WY'.split(',');
const HOT_CHANNELS = 'Google,Facebook,Baidu,Apple'.split(',');

const GROUPS: readonly [slot: number, count: number, words: readonly string[]][] = [
  [makerLayout.NEXMARK_FIRST_NAMES, makerLayout.NEXMARK_FIRST_NAME_COUNT, FIRST_NAMES],
  [makerLayout.NEXMARK_LAST_NAMES, makerLayout.NEXMARK_LAST_NAME_COUNT, LAST_NAMES],
  [makerLayout.NEXMARK_CITIES, makerLayout.NEXMARK_CITY_COUNT, CITIES],
  [makerLayout.NEXMARK_STATES, makerLayout.NEXMARK_STATE_COUNT, STATES],
  [makerLayout.NEXMARK_HOT_CHANNELS, makerLayout.NEXMARK_HOT_CHANNEL_COUNT, HOT_CHANNELS],
  [makerLayout.NEXMARK_CHANNEL_PREFIX, 1, ['channel-']],
  [makerLayout.NEXMARK_URL_BEGIN, 1, ['https://www.nexmark.com/']],
  [makerLayout.NEXMARK_URL_END, 1, ['item.htm?query=1']],
  [makerLayout.NEXMARK_URL_CHANNEL, 1, ['&channel_id=']],
];

/** Every word with its slot. */
export function nexmarkWords(): [slot: number, word: string][] {
  return GROUPS.flatMap(([slot, count, words]) => {
    assert(words.length === count, `the layout has room for ${words[0]} …`);
    return words.map((word, index): [number, string] => [slot + index, word]);
  });
}
