/**
 * The mailer: takes a message and sees it through, by one transport after another, until it is sent or no longer
 * worth sending. This file knows nothing of what messages say (that is the methods') or of accounts.
 */

export interface Message {
  to: string;
  subject: string;
  text: string;
  html: string;
  /** BCP 47 language of the message. */
  language: string;
  /** After this moment the message is not sent any more. */
  expiresAt: Date;
  /** Each transport is asked once: whoever sends it tries again by itself, at another time. */
  oneRound?: boolean;
  /** Anybody can have it sent, to whomever: such messages take a small part of what is in hand, so that the others get through. */
  forStranger?: boolean;
}

export type Delivery =
  | { outcome: 'sent'; transport: string }
  /** No transport took it: refused for good, or out of time. `reason` is for the log, not for the person. */
  | {
      outcome: 'failed';
      reason: string /** No later try would be another one: its recipient is refused. */;
      final?: true;
    };

export interface Mailer {
  /** Sees `message` through. Resolves when its fate is known; never throws. */
  send(message: Message): Promise<Delivery>;
  /** Connects to and greets each transport, without sending: for `kapu check`. */
  check(): Promise<{ transport: string; problem?: string }[]>;
  /** Waits for what is being sent, at most `patience` milliseconds, then closes connections. */
  end(patience: number): Promise<void>;
}
