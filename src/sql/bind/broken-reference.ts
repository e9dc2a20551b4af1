// Stops the binding of a statement that uses a broken name: the error is already known.

export class BrokenReference extends Error {}
