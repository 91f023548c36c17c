/** Which page asks for what is missing. Pure: the dispatcher leads there, and the explainer says so. */

/** What has to be known of a method for it. */
interface Facts {
  readonly name: string;
  /** Whether it finds out who the person is. */
  readonly identifies: boolean;
  /** Whether it stands in when others are lost. */
  readonly spare?: boolean;
}

/**
 * The page that asks for one of `next`, in order: a method's own where there is but one that is no spare, or 'choose'. Nobody is
 * asked how they want to say who they are: the first way to do so stands there, with links to the others.
 */
export function pageFor({ next }: { next: readonly string[] }, methods: readonly Facts[]): string {
  const is = (fact: 'identifies' | 'spare') => (name: string) =>
    methods.some((method) => method.name === name && method[fact]);
  const usual = next.filter((name) => !is('spare')(name));
  const asked = usual.length > 0 ? usual : next;
  return asked.length === 1 || asked.every(is('identifies')) ? asked[0]! : 'choose';
}
