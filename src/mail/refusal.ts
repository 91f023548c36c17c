/**
 * What an error in sending means: whether to ask this transport again, another one, or none. Decided by SMTP codes and
 * never by words, which servers choose as they like. It knows nothing of rounds or retries.
 */

import type { NodemailerError } from 'nodemailer/lib/errors';

export type Refusal =
  /** The address itself takes no mail. Final, whoever is asked. */
  | { outcome: 'no-such-recipient'; reason: string }
  /** This provider does not take this message, however often it is asked; another may. */
  | { outcome: 'refused'; reason: string }
  /** The provider said "later". */
  | { outcome: 'deferred'; reason: string }
  /** No conversation: no connection, no TLS, no answer in time, nonsense. */
  | { outcome: 'unreachable'; reason: string };

/** Reads `error`, as nodemailer reports it. The reasons are for the log and hold no part of the recipient's address. */
export function judge(error: NodemailerError): Refusal {
  const { responseCode, permanent } = error;
  if (responseCode === undefined)
    return { outcome: isOurs(error) ? 'refused' : 'unreachable', reason: withoutReply(error) };
  if (permanent && isAboutRecipient(error)) return { outcome: 'no-such-recipient', reason: withReply(error) };
  if (permanent) return { outcome: 'refused', reason: withReply(error) };
  // 421: the server is closing the connection (RFC 5321, 3.8); the other 4yz codes answer this message.
  return { outcome: responseCode === 421 ? 'unreachable' : 'deferred', reason: withReply(error) };
}

/**
 * Whether a permanent reply is about the recipient's address. An enhanced code says so itself (RFC 3463, 3.2 and 3.3):
 * X.1.z is addressing, of which X.1.7 and X.1.8 are the sender's, and X.2.1 is a mailbox that is switched off. Without
 * one, an answer to RCPT TO with 550, 551 or 553 is about the mailbox (RFC 5321, 4.2.3). Any other, such as
 * 554 5.7.1, is the provider's own policy.
 */
function isAboutRecipient({ response = '', responseCode = 0, command }: NodemailerError): boolean {
  const enhanced = enhancedCode(response);
  if (enhanced) return enhanced === '5.2.1' || (/^5\.1\./.test(enhanced) && !['5.1.7', '5.1.8'].includes(enhanced));
  return command === 'RCPT TO' && [550, 551, 553].includes(responseCode);
}

/** Errors that nodemailer raises over the message itself, before a server had a say: no retry mends them. */
function isOurs({ code }: NodemailerError): boolean {
  return code === 'EENVELOPE' || code === 'EMESSAGE' || code === 'ESTREAM';
}

/** The reply by its codes. Its words are told only up to the sender: from RCPT TO on they may repeat the address. */
function withReply({ command = '', response = '', responseCode }: NodemailerError): string {
  const named = command === 'RCPT TO' || command === 'DATA';
  const words = named ? [responseCode, enhancedCode(response)].filter(Boolean).join(' ') : response.slice(0, 200);
  return `${command}: ${words}`;
}

function withoutReply({ code, message, command = '' }: NodemailerError): string {
  return [code, command, message].filter(Boolean).join(' ').slice(0, 200);
}

function enhancedCode(response: string): string | undefined {
  return /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1];
}
