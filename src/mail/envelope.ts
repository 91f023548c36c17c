/**
 * What goes on the wire for a message: its headers, and the checks that no text of a caller or a person becomes a header
 * or a second recipient (ASVS 1.3.11). It knows nothing of transports.
 */

import { randomUUID } from 'node:crypto';
import type { SendMailOptions } from 'nodemailer';
import addressparser from 'nodemailer/lib/addressparser';
import { isAddress } from './address.ts';
import type { Message } from './mailer.ts';

export interface Sender {
  name: string;
  address: string;
}

const control = /[\p{Cc}\u2028\u2029]/u;
const languageTag = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/;

/** The sender from a text such as `Kapu <no-reply@kapu.example>`. Throws when it holds anything but one address. */
export function readSender(from: string): Sender {
  const [sender, ...others] = addressparser(from, { flatten: true });
  if (!sender || others.length > 0 || control.test(from) || !isAddress(sender.address)) {
    throw new Error(`mail.from is not one e-mail address, with or without a name before it: ${JSON.stringify(from)}`);
  }
  return { name: sender.name, address: sender.address };
}

/** Why `message` may not be sent at all; undefined when it may. Never repeats the text that is wrong. */
export function unsendable(message: Message): string | undefined {
  if (!isAddress(message.to)) return 'the recipient is not one plain e-mail address';
  if (control.test(message.subject)) return 'the subject has control characters';
  if (!languageTag.test(message.language)) return 'the language is not a language tag';
  return undefined;
}

/**
 * The message with its headers. The Message-ID is made once and stays for every transport and every retry, so that a
 * mailbox that gets a message twice can tell. RFC 3834, 5: Auto-Submitted; the Exchange header beside it keeps
 * out-of-office answers away from senders that it does not know it from.
 */
export function compose(sender: Sender, message: Message, at: Date): SendMailOptions & { messageId: string } {
  const domain = sender.address.slice(sender.address.lastIndexOf('@') + 1);
  return {
    from: sender,
    // An object is one recipient whatever it holds; a text would be parsed as a list.
    to: { name: '', address: message.to },
    subject: message.subject,
    text: message.text,
    html: message.html,
    date: at,
    messageId: `<${randomUUID()}@${domain}>`,
    headers: {
      'Content-Language': message.language,
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
