import { expect, it } from 'vitest';

import { received } from '../src/protocol';

it.each([undefined, null, 'state', 3, [], {}, { type: 7 }, { client: 'me' }])(
  'takes %j for no message',
  data => {
    expect(received(data, 'me')).toBeNull();
  }
);

it.each([
  { type: 'state', on: true, undo: null },
  { type: 'said', client: 'me', level: 'info', text: '' },
  { type: 'of a later version' }
])('passes on %j', data => {
  expect(received(data, 'me')).toBe(data);
});

it.each([
  { type: 'said', client: 'another', level: 'info', text: '' },
  { type: 'edit', client: null },
  { type: 'edit', client: '' }
])('leaves %j to whom it is meant for', data => {
  expect(received(data, 'me')).toBeNull();
});
