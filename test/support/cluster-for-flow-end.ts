/** jest.config.js wants a file for this. */
export { end as default } from './cluster-for-flow.ts';
