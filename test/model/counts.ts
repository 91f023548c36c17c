/** What the sequences came to, counted, so that a reader sees what was tried and what was not. */

export class Counts {
  readonly #counts = new Map<string, Map<string, number>>();

  add(kind: string, name: string): void {
    const names = this.#counts.get(kind) ?? new Map<string, number>();
    this.#counts.set(kind, names.set(name, (names.get(name) ?? 0) + 1));
  }

  /** One token, and the pages that were shown for it. */
  signIn(acr: string, pages: string[]): void {
    this.add('tokens', acr);
    const asked = (page: string) => pages.includes(page);
    const both = asked('password') && asked('email-code');
    this.add(
      'asked',
      both ? 'password and code' : asked('password') ? 'password' : asked('email-code') ? 'code alone' : 'nothing',
    );
  }

  get(kind: string, name: string): number {
    return this.#counts.get(kind)?.get(name) ?? 0;
  }

  toString(): string {
    const line = ([kind, names]: [string, Map<string, number>]) =>
      `${kind}: ${[...names]
        .sort((one, other) => other[1] - one[1])
        .map(([name, count]) => `${name} ${count}`)
        .join(', ')}`;
    return [...this.#counts].map(line).join('\n');
  }
}
