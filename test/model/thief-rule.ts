/**
 * The rule of docs/decisions/023 in small, of one account, written from that page and from nothing in src: who knows the password, reads the
 * mailbox and has an app, and what each comes to. Times are seconds.
 */

export type Who = 'owner' | 'thief';
export type By = 'mail' | 'app';

/** What either does, one thing after the other. */
export type Move =
  | { do: 'reset'; who: Who }
  | { do: 'sign in'; who: Who; by: By; server: number }
  | { do: 'ask again'; who: Who; by: By; browser: number }
  | { do: 'change address'; who: Who; by: By; server: number }
  | { do: 'set up an app'; who: Who; by: By }
  | { do: 'confirm the address'; who: Who }
  | { do: 'stop'; who: Who }
  | { do: 'desk check' }
  | { do: 'wait'; seconds: number };

const holdLasts = 3 * 24 * 3600;
const never = Number.POSITIVE_INFINITY;

/** An address, and who reads it. */
export interface Mailbox {
  email: string;
  readers: readonly Who[];
}

export class Rule {
  password: { text: string; knownTo: Who };
  mailbox: Mailbox;
  /** Of before a change, while that can be stopped. */
  former?: Mailbox;
  hold?: { since: number; until: number };
  /** Whose it is, and when it was set up. */
  app?: { who: Who; key: string; at: number };
  /** From when on a thief who has set the password may be let in by mail: nobody has stopped it until then. */
  untoldUntil = never;
  readonly #now: () => number;

  constructor(now: () => number, password: string, mailbox: Mailbox) {
    this.#now = now;
    this.password = { text: password, knownTo: 'owner' };
    this.mailbox = mailbox;
  }

  get held(): boolean {
    return this.hold !== undefined && this.hold.until > this.#now();
  }

  /** Whether the app is too young to be trusted. */
  get isAppYoung(): boolean {
    const ago = this.#now() - holdLasts;
    return this.app !== undefined && this.app.at >= (this.held ? Math.min(ago, this.hold!.since) : ago);
  }

  knows(who: Who): boolean {
    return this.password.knownTo === who;
  }

  reads(who: Who): boolean {
    return this.mailbox.readers.includes(who);
  }

  /** Whether `who` gets to plus from nothing, by these means. */
  reaches(who: Who, by: By): boolean {
    if (!this.knows(who)) return false;
    return by === 'app' ? this.app?.who === who : this.reads(who) && !this.held;
  }

  /** Whether `who` may say that an address that was changed is theirs. */
  mayConfirm(who: Who): boolean {
    return this.reaches(who, 'app') && this.held && this.former !== undefined && !this.isAppYoung;
  }

  reset(who: Who, text: string): void {
    if (!this.held) this.former = undefined;
    this.#holdOn();
    this.password = { text, knownTo: who };
    this.untoldUntil = who === 'thief' ? this.hold!.until : never;
  }

  changeAddress(by: By, to: Mailbox): void {
    const { held, former, mailbox } = this;
    const own = by === 'app' && !this.isAppYoung;
    if (!own) this.#holdOn();
    this.former = own ? undefined : (held && former) || mailbox;
    this.mailbox = to;
  }

  /** In the place of one that is there; where that is settled and the mailbox did it, nobody knows by whom. */
  setUpApp(by: By, app: NonNullable<Rule['app']>): void {
    if (this.app && !this.isAppYoung && by === 'mail') {
      if (!this.held) this.former = undefined;
      this.#holdOn();
    }
    this.app = app;
  }

  /** The password and something of the person's own, which was there before, have been proven; no address waits to be confirmed. */
  proven(): void {
    if (this.held && !this.former && !this.isAppYoung) this.hold = undefined;
  }

  stop(): void {
    const since = this.held ? this.hold!.since : this.#now();
    this.#undo();
    this.hold = { since, until: never };
    this.untoldUntil = never;
  }

  /** The owner has been seen, and is to set a new password. */
  deskCheck(): void {
    this.#undo();
    this.hold = undefined;
    this.untoldUntil = never;
  }

  /** What a stop and a desk check take away. */
  #undo(): void {
    if (this.isAppYoung) this.app = undefined;
    if (this.held && this.former) this.mailbox = this.former;
    this.former = undefined;
  }

  /** The hold that begins now, or the one that goes on. */
  #holdOn(): void {
    const now = this.#now();
    const until = now + holdLasts;
    this.hold = this.held
      ? { since: this.hold!.since, until: Math.max(this.hold!.until, until) }
      : { since: now, until };
  }
}
