/** Asking a worker something, and answering: one message there, one back, within a patience. */

import type { Logger } from 'pino';
import type { Question, Upward, Worker } from './messages.ts';

/** Asks one worker. Gives undefined where there is no answer in time. */
export type Ask = (question: Question) => Promise<unknown>;

/** How to ask `worker`; `patience` is in milliseconds. */
export function questionsTo(worker: Worker, patience: number): Ask {
  const awaited = new Map<number, (answer: unknown) => void>();
  let last = 0;
  worker.onMessage((message) => {
    if (message.kapu === 'answer') awaited.get(message.id)?.(message.answer);
  });
  worker.onEnd(() => {
    for (const end of awaited.values()) end(undefined);
  });
  return async (question) => {
    const id = ++last;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const timer = setTimeout(() => resolve(undefined), patience);
    awaited.set(id, resolve);
    worker.send({ kapu: 'ask', id, question });
    const answer = await promise;
    clearTimeout(timer);
    awaited.delete(id);
    return answer;
  };
}

/** Answers what the supervisor asks. What fails is answered with nothing, and written into the log. */
export function answerTo(supervisor: Upward, answers: Record<Question, () => Promise<unknown>>, log: Logger): void {
  supervisor.onMessage(async (message) => {
    if (message.kapu !== 'ask') return;
    const { question } = message;
    const answer = await answers[question]().catch((err) => log.error({ err, question }, 'a worker has no answer'));
    supervisor.send({ kapu: 'answer', id: message.id, answer });
  });
}
