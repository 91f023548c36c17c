/**
 * The ladder of assurance levels. A level is data: adding one, or putting a method into one, is a change here
 * and nowhere else. A deployment replaces the ladder with the setting `levels`.
 */

/** One level as an operator writes it. Durations are texts such as '15m'. */
export interface LevelSetting {
  /** The `acr` value that relying parties ask for and tokens carry. */
  name: string;
  /** Ways to reach the level: each a list of methods that must all be proven, in the order they are asked. */
  anyOf: string[][];
  /** How long a method's proof counts for this level; a method without one counts as long as the session lives. */
  maxAge?: Record<string, string>;
  /**
   * Other spellings of `name` that relying parties may use. One with a sunset date (YYYY-MM-DD) goes on working; from that
   * day on the log and `kapu check` name the clients that still use it.
   */
  aliases?: (string | { name: string; sunset: string })[];
}

/** Weakest first. The order is dominance: who reaches a level reaches every level before it. */
export const levels: LevelSetting[] = [
  { name: 'basic', anyOf: [['password'], ['passkey']] },
  {
    name: 'plus',
    anyOf: [['password', 'email-code'], ['password', 'totp'], ['passkey'], ['password', 'recovery-code']],
    maxAge: { 'email-code': '15m', totp: '15m', passkey: '15m', 'recovery-code': '15m' },
  },
];
