import { expect } from 'chai';
import { publicMembers } from './public-methods.js';

const classes = {
  ThreadBuilder: 'lib/thread/thread-builder.ts',
  Thread: 'lib/thread/thread.ts',
  Turn: 'lib/turn/turn.ts',
};

describe('The reference', () => {
  for (const [className, file] of Object.entries(classes)) {
    const methods = publicMembers(file, className).filter(({ isMethod }) => isMethod);

    describe(`of ${className}`, () => {
      it('has an example of every method', () => {
        const without = methods.filter(({ comment }) => !comment.includes('@example'));

        expect(methods).to.have.length.above(2);
        expect(without.map(({ name }) => name)).to.deep.equal([]);
      });

      it('shows the request that the description of a method names first', () => {
        const missing = methods.flatMap(({ name, comment }) => {
          const [, request] = /\(`(\w+\/[\w/]+)`\)/.exec(comment) ?? [];
          // A notification is received.
          if (request === undefined || request.endsWith('/updated')) return [];
          return comment.includes(`"method": "${request}"`) ? [] : [`${name}: ${request}`];
        });

        expect(missing).to.deep.equal([]);
      });
    });
  }
});
