// Bodies of functions in JavaScript: from text to a function.
//
// The compiler and the runtime both make them: the one to find errors of syntax before the run, the other to call them.
// A body is what stands between the braces; it is strict, sees its parameters and JavaScript's globals, and no more.

import vm from 'node:vm';

const STRICT = "'use strict';";

/** Makes the function. Stacks of its errors name it as `function:<name>:<line>`. @throws SyntaxError. */
export function compileBody(name: string, body: { parameters: readonly string[]; source: string }): unknown {
  return vm.compileFunction(`${STRICT}${body.source}`, [...body.parameters], {
    filename: `function:${name}`,
    columnOffset: -STRICT.length,
  });
}
