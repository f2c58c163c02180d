import { expect } from 'chai';
import * as kit from '../../lib/testing/index.js';
import { classesWithExample } from './snippets.js';

describe('The documentation of the test kit', () => {
  it('has an example for every class that it exports', () => {
    const classes = Object.entries(kit)
      .filter(([, value]) => /^class\b/.test(String(value)))
      .map(([name]) => name);
    const documented = new Set(classesWithExample());

    expect(classes).to.include.members(['FaultyTransport', 'ReplayTransport', 'Transcript']);
    expect(classes.filter((name) => !documented.has(name))).to.deep.equal([]);
  });
});
