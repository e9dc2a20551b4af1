// Makes a template (kernels/json-template.ts) of a record that has been read the long way.
//
// The record is walked once more. What lies between two values becomes a literal, so whitespace, the order of the keys
// and the keys nobody wants are all part of it; objects on the way to a wanted field dissolve into literals. A record
// in which a wanted key comes twice teaches nothing.
import {
  decoderField,
  decoderFieldsEnd,
  FIELD_BYTES,
  FIELD_DATA,
  FIELD_IS_REQUIRED,
  FIELD_NEXT,
  FIELD_STATUS,
  FIELD_TYPE,
  FIELD_UNIT,
  FIELD_VALIDITY,
} from './decoder';
import {
  jsonBeginWalk,
  jsonKeyAt,
  jsonKeyEnd,
  jsonMeet,
  NODE_CHILD,
  NODE_COLUMNS,
  NODE_HAS_KEYS,
  NODE_INDEX_MAX,
  NODE_SIBLING,
} from './json-path';
import { jsonSkipSpace, jsonValueEnd } from './json-scan';
import {
  ACTION_BIGINT,
  ACTION_BOOLEAN,
  ACTION_DOUBLE,
  ACTION_END,
  ACTION_INTEGER,
  ACTION_LITERAL,
  ACTION_NULL,
  ACTION_SKIP,
  ACTION_TIMESTAMP,
  ACTION_VALUE,
  ACTION_VARCHAR,
  ACTION_WALK,
  ACTION_WHOLE,
  STEP_ACTION,
  STEP_BYTES,
  STEP_DATA,
  STEP_LIMIT,
  STEP_LITERAL,
  STEP_LITERAL_BYTES,
  STEP_REST,
  STEP_TARGET,
  STEP_UNIT,
  STEP_VALIDITY,
  TEMPLATE_STEPS,
} from './json-template';
import { integerPower } from './number-parse';
import {
  TYPE_BIGINT,
  TYPE_BOOLEAN,
  TYPE_DOUBLE,
  TYPE_INTEGER,
  TYPE_JSON,
  TYPE_TIMESTAMP,
  TYPE_VARCHAR,
} from './layout';

const STEPS_MAX: u32 = 512;
/** Bytes of a template. */
export const TEMPLATE_BYTES: u32 = <u32>TEMPLATE_STEPS + STEPS_MAX * <u32>STEP_BYTES;

/** Marks a column, in FIELD_STATUS, that a step of the template takes care of. */
const FIELD_COVERED: u32 = 3;

let nextStep: usize = 0;
let stepsEnd: usize = 0;
/** The first byte that no step covers yet. */
let uncovered: usize = 0;

/** Learns from the well-formed record that begins at `line` and whose newline is at `end`. @returns whether it could. */
export function jsonTemplateLearn(template: usize, state: usize, root: usize, line: usize, end: usize): bool {
  const columnsEnd = decoderFieldsEnd(state);
  nextStep = template + TEMPLATE_STEPS;
  stepsEnd = template + TEMPLATE_BYTES;
  uncovered = line;
  jsonBeginWalk();
  for (let column = decoderField(state, 0); column < columnsEnd; column += FIELD_BYTES) {
    store<u32>(column, 0, FIELD_STATUS);
  }
  const start = jsonSkipSpace(line);
  const stop = learnObject(root, start);
  if (stop == 0 || !learnWhole(root, <u32>(start - line), stop)) return false;
  for (let column = decoderField(state, 0); column < columnsEnd; column += FIELD_BYTES) {
    if (load<u32>(column, FIELD_STATUS) != FIELD_COVERED && !addStep(ACTION_NULL, column, uncovered)) return false;
  }
  return addStep(ACTION_END, 0, end + 1);
}

/** Learns an object. @returns the address after it, 0 when it cannot be learned. */
function learnObject(node: usize, p: usize): usize {
  p = jsonSkipSpace(p + 1);
  if (load<u8>(p) == 125) return p + 1;
  while (true) {
    const child = jsonKeyAt(node, 0, p);
    p = jsonKeyEnd;
    if (child != 0 && jsonMeet(child)) return 0;
    if (child != 0 && isPlainObject(child) && load<u8>(p) == 123) {
      p = learnObject(child, p);
      if (p == 0) return 0;
    } else {
      if (!addValue(child, p)) return 0;
      p = jsonValueEnd(p);
      uncovered = p;
    }
    p = jsonSkipSpace(p);
    if (load<u8>(p) == 125) return p + 1;
    p = jsonSkipSpace(p + 1);
  }
}

/** Whether only keys below the node are wanted. */
function isPlainObject(node: usize): bool {
  const isObject = load<u32>(node, NODE_HAS_KEYS) != 0 && load<i32>(node, NODE_INDEX_MAX) < 0;
  return isObject && load<u32>(node, NODE_COLUMNS) == 0;
}

function addValue(node: usize, p: usize): bool {
  if (node == 0) return addStep(ACTION_SKIP, 0, p);
  cover(node);
  const column = <usize>load<u32>(node, NODE_COLUMNS);
  const isOne = column != 0 && load<u32>(column, FIELD_NEXT) == 0 && load<u32>(node, NODE_CHILD) == 0;
  if (!isOne) return addStep(ACTION_WALK, node, p);
  const type = load<u32>(column, FIELD_TYPE);
  if (type == TYPE_VARCHAR) return addStep(ACTION_VARCHAR, column, p);
  if (type == TYPE_BIGINT) return addStep(ACTION_BIGINT, column, p);
  if (type == TYPE_INTEGER) return addStep(ACTION_INTEGER, column, p);
  if (type == TYPE_DOUBLE) return addStep(ACTION_DOUBLE, column, p);
  if (type == TYPE_BOOLEAN) return addStep(ACTION_BOOLEAN, column, p);
  return addStep(type == TYPE_TIMESTAMP ? ACTION_TIMESTAMP : ACTION_VALUE, column, p);
}

function cover(node: usize): void {
  for (let column = <usize>load<u32>(node, NODE_COLUMNS); column != 0; column = load<u32>(column, FIELD_NEXT)) {
    store<u32>(column, FIELD_COVERED, FIELD_STATUS);
  }
  for (let child = <usize>load<u32>(node, NODE_CHILD); child != 0; child = load<u32>(child, NODE_SIBLING)) {
    cover(child);
  }
}

/** The columns that take the whole record, which ends at `stop`. */
function learnWhole(root: usize, offset: u32, stop: usize): bool {
  for (let column = <usize>load<u32>(root, NODE_COLUMNS); column != 0; column = load<u32>(column, FIELD_NEXT)) {
    const type = load<u32>(column, FIELD_TYPE);
    if (type != TYPE_JSON && type != TYPE_VARCHAR) return false;
    if (!addStep(ACTION_WHOLE, column, stop)) return false;
    store<u32>(nextStep - STEP_BYTES, offset, STEP_UNIT);
    store<u32>(column, FIELD_COVERED, FIELD_STATUS);
  }
  return true;
}

/** Adds a step whose literal is everything up to `p`. @returns false when the template is full. */
function addStep(action: u32, target: usize, p: usize): bool {
  while (true) {
    if (nextStep == stepsEnd) return false;
    const step = nextStep;
    const bytes = min<usize>(p - uncovered, 16);
    nextStep += STEP_BYTES;
    memory.fill(step, 0, STEP_BYTES);
    memory.copy(step + STEP_LITERAL, uncovered, bytes);
    store<u32>(step, 0xffff & ((<u32>0xffff) << (<u32>bytes)), STEP_REST);
    store<u32>(step, <u32>bytes, STEP_LITERAL_BYTES);
    uncovered += bytes;
    if (uncovered < p) {
      store<u32>(step, ACTION_LITERAL, STEP_ACTION);
      continue;
    }
    store<u32>(step, action, STEP_ACTION);
    store<u32>(step, <u32>target, STEP_TARGET);
    if (target != 0 && action != ACTION_WALK) describeColumn(step, target);
    return true;
  }
}

function describeColumn(step: usize, column: usize): void {
  store<u32>(step, load<u32>(column, FIELD_DATA), STEP_DATA);
  const takesNull = load<u32>(column, FIELD_IS_REQUIRED) == 0;
  store<u32>(step, takesNull ? load<u32>(column, FIELD_VALIDITY) : 0, STEP_VALIDITY);
  const unit = load<i32>(column, FIELD_UNIT);
  const micros = unit < 0 ? 0 : <u32>integerPower(unit);
  store<u32>(step, micros, STEP_UNIT);
  store<i64>(step, micros ? i64.MAX_VALUE / <i64>micros : i64.MAX_VALUE, STEP_LIMIT);
}
