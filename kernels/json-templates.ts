// The templates (kernels/json-template.ts) of one decoder: which to try, when to make one, when to give up.
//
// Up to four are kept, and each remembers which one the record after it had last time, so shapes that take turns cost
// nothing. After every MISSES_MAX records that none fitted they are judged: where most records do fit, the one used
// least makes room; where shapes do not repeat, all are given up and records go the long way for a while, which is
// longer each time it comes to that.
import { jsonTemplateLearn, TEMPLATE_BYTES } from './json-learn';
import { TEMPLATE_FOLLOWER, TEMPLATE_HITS } from './json-template';
import { allocate } from './memory';

const SET_EXPECTED: usize = 0; // the template to try first, 0 when there is none
const SET_LATEST: usize = 4; // the template of the last record that one fitted
const SET_COUNT: usize = 8; // templates in use
const SET_MISSES: usize = 12; // records that none fitted, since they were judged
const SET_PAUSE: usize = 16; // records left to read without templates
const SET_PAUSE_NEXT: usize = 20; // length of the next pause
const SET_TEMPLATES: usize = 24; // addresses of those in use, then of the spare ones
/** Bytes of a set of templates. */
export const TEMPLATES_BYTES: u32 = 48;

const TEMPLATES_MAX: u32 = 4;
const MISSES_MAX: u32 = 64;
const PAUSE_MIN: u32 = 128;
const PAUSE_MAX: u32 = 16384;

/** Prepares a zeroed set. */
export function templatesCreate(set: usize): void {
  store<u32>(set, PAUSE_MIN, SET_PAUSE_NEXT);
}

/** Gives all templates up for the next `records` records. */
export function templatesPause(set: usize, records: u32): void {
  store<u32>(set, records, SET_PAUSE);
  store<u32>(set, 0, SET_COUNT);
  store<u32>(set, 0, SET_EXPECTED);
}

/** The template to try first, or 0. */
@inline
export function templatesExpected(set: usize): usize {
  return load<u32>(set, SET_EXPECTED);
}

/** Templates in use. */
@inline
export function templatesCount(set: usize): u32 {
  return load<u32>(set, SET_COUNT);
}

/** A template in use, 0 for the expected one. */
export function templatesOther(set: usize, index: u32): usize {
  const template = templateAt(set, index);
  return template == templatesExpected(set) ? 0 : template;
}

@inline
function templateAt(set: usize, index: u32): usize {
  return load<u32>(set + ((<usize>index) << 2), SET_TEMPLATES);
}

/** The expected template fitted so many records. */
@inline
export function templatesFit(set: usize, template: usize, records: u32): void {
  store<u32>(template, load<u32>(template, TEMPLATE_HITS) + records, TEMPLATE_HITS);
  store<u32>(set, <u32>template, SET_LATEST);
  store<u32>(set, load<u32>(template, TEMPLATE_FOLLOWER), SET_EXPECTED);
}

/** Another template than the expected one fitted. */
export function templatesTurn(set: usize, template: usize): void {
  store<u32>(load<u32>(set, SET_LATEST), <u32>template, TEMPLATE_FOLLOWER);
  templatesFit(set, template, 1);
}

/** No template fitted the record at `text` with its newline at `end`, which was then read the long way. */
export function templatesMiss(set: usize, state: usize, root: usize, text: usize, end: usize): void {
  const pause = load<u32>(set, SET_PAUSE);
  if (pause > 0) {
    store<u32>(set, pause - 1, SET_PAUSE);
    return;
  }
  const misses = load<u32>(set, SET_MISSES) + 1;
  store<u32>(set, misses, SET_MISSES);
  const count = load<u32>(set, SET_COUNT);
  if (misses < MISSES_MAX && count == TEMPLATES_MAX) return;
  const isTime = misses >= MISSES_MAX;
  if (isTime && !judge(set)) return;
  let place = count;
  if (count == TEMPLATES_MAX) place = leastUsed(set);
  if (isTime) for (let i: u32 = 0; i < count; i++) store<u32>(templateAt(set, i), 0, TEMPLATE_HITS);
  learn(set, place, state, root, text, end);
}

/** Whether templates are worth while; if not, gives them up. */
function judge(set: usize): bool {
  let hits: u32 = 0;
  const count = load<u32>(set, SET_COUNT);
  for (let i: u32 = 0; i < count; i++) hits += load<u32>(templateAt(set, i), TEMPLATE_HITS);
  store<u32>(set, 0, SET_MISSES);
  if (hits >= MISSES_MAX) {
    store<u32>(set, PAUSE_MIN, SET_PAUSE_NEXT);
    return true;
  }
  const pause = load<u32>(set, SET_PAUSE_NEXT);
  templatesPause(set, pause);
  store<u32>(set, min(2 * pause, PAUSE_MAX), SET_PAUSE_NEXT);
  return false;
}

function leastUsed(set: usize): u32 {
  let least: u32 = 0;
  for (let i: u32 = 1; i < TEMPLATES_MAX; i++) {
    const isLess = load<u32>(templateAt(set, i), TEMPLATE_HITS) < load<u32>(templateAt(set, least), TEMPLATE_HITS);
    if (isLess) least = i;
  }
  return least;
}

/** Learns the record into the spare template, which takes the place of the one at `place`. */
function learn(set: usize, place: u32, state: usize, root: usize, text: usize, end: usize): void {
  const spareAt = set + SET_TEMPLATES + ((<usize>TEMPLATES_MAX) << 2);
  let template = <usize>load<u32>(spareAt);
  if (template == 0) template = allocate(TEMPLATE_BYTES);
  store<u32>(spareAt, <u32>template);
  if (!jsonTemplateLearn(template, state, root, text, end)) return;
  store<u32>(spareAt, <u32>templateAt(set, place));
  store<u32>(set + ((<usize>place) << 2), <u32>template, SET_TEMPLATES);
  store<u32>(set, max(load<u32>(set, SET_COUNT), place + 1), SET_COUNT);
  store<u32>(template, 0, TEMPLATE_HITS);
  const count = load<u32>(set, SET_COUNT);
  // Nothing may lead to the template that was replaced.
  for (let i: u32 = 0; i < count; i++) store<u32>(templateAt(set, i), <u32>templateAt(set, i), TEMPLATE_FOLLOWER);
  store<u32>(set, <u32>template, SET_EXPECTED);
  store<u32>(set, <u32>template, SET_LATEST);
}
