// Who reads whom among the names of a pipeline: what may not be taken away, or replaced, while others need it.

/** By lower-case name. */
export class Dependents {
  readonly #needs = new Map<string, Set<string>>();
  /** What a name needed whose statement was replaced: if the new one reads the old one, it still does. */
  readonly #former = new Map<string, ReadonlySet<string>>();

  /** A statement that fills `reader` needs `name`. */
  add(reader: string, name: string): void {
    const key = reader.toLowerCase();
    const needs = this.#needs.get(key) ?? new Set();
    needs.add(name.toLowerCase());
    if (key === name.toLowerCase()) for (const former of this.#former.get(key) ?? []) needs.add(former);
    this.#needs.set(key, needs);
  }

  /** Others that need it, in the order in which they came to. */
  of(name: string): string[] {
    const key = name.toLowerCase();
    return [...this.#needs].filter(([reader, needs]) => reader !== key && needs.has(key)).map(([reader]) => reader);
  }

  /** All that cannot be without it, those that need others before these; then the name itself. */
  downFrom(name: string): string[] {
    const order: string[] = [];
    const seen = new Set<string>();
    const visit = (key: string): void => {
      if (seen.has(key)) return;
      seen.add(key);
      this.of(key).forEach(visit);
      order.push(key);
    };
    visit(name.toLowerCase());
    return order;
  }

  /** A new statement takes its place. */
  replace(name: string): void {
    const key = name.toLowerCase();
    this.#former.set(key, this.#needs.get(key) ?? new Set());
    this.#needs.delete(key);
  }

  drop(name: string): void {
    const key = name.toLowerCase();
    this.#needs.delete(key);
    this.#former.delete(key);
  }
}
