import { expect, it } from 'vitest';

import schema from '../schema/plugin.json';
import { DEFAULTS, parse } from '../src/settings';

it.each([undefined, null, 7, 'on', [], {}])('takes defaults for %j', data => {
  expect(parse(data)).toEqual(DEFAULTS);
});

it('takes what is given and right', () => {
  const given = {
    checkByDefault: true,
    underline: false,
    sidePanel: false,
    hintLevel: 'shapes',
    runAfterFix: false,
    confirm: 'always'
  };
  expect(parse(given)).toEqual(given);
});

it('takes defaults for what is of the wrong kind', () => {
  expect(
    parse({ checkByDefault: 'true', underline: 0, hintLevel: 'all', confirm: null, more: 1 })
  ).toEqual(DEFAULTS);
});

it('has the defaults of the schema, and no others', () => {
  const defaults = Object.entries(schema.properties).map(([name, { default: value }]) => [
    name,
    value
  ]);
  expect(Object.fromEntries(defaults)).toEqual(DEFAULTS);
});
