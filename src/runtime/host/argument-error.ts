// What a function of Laminar's own throws for an argument it has no value for.

export class ArgumentError extends Error {
  readonly hint: string;

  constructor(problem: string, hint = 'Leave such rows out in WHERE, or guard the call with CASE.') {
    super(problem);
    this.hint = hint;
  }
}
