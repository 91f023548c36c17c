import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { ToSupervisor, ToWorker } from '../../src/workers/messages.ts';
import { answerTo } from '../../src/workers/questions.ts';

test('what fails is answered with nothing, and the log says why', async () => {
  const lines: { msg: string; question: string; err: { message: string } }[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const sent: ToSupervisor[] = [];
  let hear: (message: ToWorker) => unknown = () => {};
  const supervisor = {
    send: (message: ToSupervisor) => void sent.push(message),
    onMessage(heard: typeof hear) {
      hear = heard;
    },
  };
  const broken = () => Promise.reject(new Error('no such metric'));
  answerTo(supervisor, { ready: async () => ({ state: true }), numbers: broken }, log);
  await hear({ kapu: 'ask', id: 1, question: 'ready' });
  await hear({ kapu: 'ask', id: 2, question: 'numbers' });
  expect(sent).toEqual([
    { kapu: 'answer', id: 1, answer: { state: true } },
    { kapu: 'answer', id: 2, answer: undefined },
  ]);
  expect(lines).toMatchObject([{ question: 'numbers', err: { message: 'no such metric' } }]);
});
