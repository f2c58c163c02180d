import { expect } from 'chai';
import { differenceOf, digestOf } from '../../lib/tools/tool-digests.js';

const schema = {
  type: 'object',
  description: 'A query.',
  properties: {
    title: { type: 'string', title: 'The title' },
    size: { $ref: '#/$defs/Size' },
  },
  required: ['title', 'size'],
  $defs: { Size: { type: 'integer', minimum: 1, default: { title: 'one' } } },
};

describe('digestOf', () => {
  it('is independent of the order of members and required names', () => {
    const turned = {
      $defs: { Size: { default: { title: 'one' }, minimum: 1, type: 'integer' } },
      required: ['size', 'title'],
      properties: {
        size: { $ref: '#/$defs/Size' },
        title: { title: 'The title', type: 'string' },
      },
      description: 'A query.',
      type: 'object',
    };

    expect(digestOf(turned)).to.equal(digestOf(schema));
  });

  it('differs if a property is missing', () => {
    const { size } = schema.properties;

    expect(digestOf({ ...schema, properties: { size } })).to.not.equal(digestOf(schema));
  });

  it('differs if a bound, a description, a required name or a default differs', () => {
    const size = schema.$defs.Size;

    expect(digestOf({ ...schema, description: 'At least 2.' })).to.not.equal(digestOf(schema));
    expect(digestOf({ ...schema, required: ['title'] })).to.not.equal(digestOf(schema));
    expect(digestOf({ ...schema, $defs: { Size: { ...size, minimum: 2 } } })).to.not.equal(
      digestOf(schema),
    );
    expect(
      digestOf({ ...schema, $defs: { Size: { ...size, default: { title: 'two' } } } }),
    ).to.not.equal(digestOf(schema));
  });

  it('is stable, because threads store it', () => {
    expect(digestOf(schema)).to.equal('8Eq4ZdhVw8M1gbaN');
  });
});

describe('differenceOf', () => {
  it('lists added, changed and missing tools, in order', () => {
    const own = { d: '1', b: '1', a: '1', c: '2' };

    expect(differenceOf(own, { c: '1', a: '1', y: '1', x: '1' })).to.deep.equal({
      added: ['b', 'd'],
      changed: ['c'],
      missing: ['x', 'y'],
    });
  });

  it('is not confused by names of inherited properties', () => {
    expect(differenceOf({ toString: '1' }, {}).added).to.deep.equal(['toString']);
    expect(differenceOf({}, { valueOf: '1' }).missing).to.deep.equal(['valueOf']);
  });
});
