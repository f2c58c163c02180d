import { expect } from 'chai';
import {
  Codex,
  DenyApprovals,
  Thread,
  ThreadBuilder,
  Tool,
  ValidationError,
} from '../../lib/index.js';
import { failure } from '../outcomes.js';

class Search {
  @Tool({ description: 'Finds a trip.' })
  find(): string {
    return 'none';
  }
}

class Booking {
  @Tool({ description: 'Books a trip.' })
  book(): string {
    return 'booked';
  }
}

describe('ThreadBuilder', () => {
  const builder = new Codex().thread();

  describe('withOptions', () => {
    it('returns a new builder', () => {
      expect(builder.withOptions({ model: 'gpt-5.5' })).to.be.instanceOf(ThreadBuilder);
      expect(builder.withOptions({ model: 'gpt-5.5' })).not.to.equal(builder);
    });

    it('does not change the old builder', () => {
      builder.withOptions({ model: 'gpt-5.5' });

      expect(builder.build().threadOptions.model).to.equal(undefined);
    });

    it('appears in the thread', () => {
      const thread = builder.withOptions({ model: 'gpt-5.5' }).build();

      expect(thread.threadOptions.model).to.equal('gpt-5.5');
    });

    it('replaces a value set earlier and keeps the others', () => {
      const thread = builder
        .withOptions({ model: 'gpt-5.5', sandboxMode: 'read-only' })
        .withOptions({ model: 'gpt-5' })
        .build();

      expect(thread.threadOptions.toJSON()).to.deep.equal({
        model: 'gpt-5',
        sandboxMode: 'read-only',
      });
    });

    it('rejects an unknown name and suggests the nearest known one', () => {
      expect(() => builder.withOptions({ modle: 'gpt-5' } as never))
        .to.throw(ValidationError)
        .with.property('message')
        .that.matches(/modle.*model/s);
    });
  });

  describe('withLabels', () => {
    it('returns a new builder', () => {
      expect(builder.withLabels({ team: 'payments' })).not.to.equal(builder);
    });

    it('does not change the old builder', () => {
      builder.withLabels({ team: 'payments' });

      expect(builder.build().labels.size).to.equal(0);
    });

    it('keeps labels set earlier', () => {
      const thread = builder.withLabels({ team: 'payments' }).withLabels({ ticket: '1' }).build();

      expect(thread.labels.toJSON()).to.deep.equal({ team: 'payments', ticket: '1' });
      expect(thread.threadOptions.labels).to.equal(thread.labels);
    });
  });

  describe('withoutLabels', () => {
    const labelled = builder.withOptions({ labels: { team: 'payments', ticket: '1' } });

    it('removes labels, however they were set', () => {
      expect(labelled.withoutLabels('team').build().labels.toJSON()).to.deep.equal({ ticket: '1' });
    });

    it('does not change the old builder', () => {
      labelled.withoutLabels('team');

      expect(labelled.build().labels.get('team')).to.equal('payments');
    });

    it('ignores names without a label', () => {
      expect(labelled.withoutLabels('other').build().labels.size).to.equal(2);
    });
  });

  describe('withTools', () => {
    const [search, booking] = [new Search(), new Booking()];

    it('returns a new builder', () => {
      expect(builder.withTools(search)).not.to.equal(builder);
    });

    it('does not change the old builder', () => {
      builder.withTools(search);

      expect(builder.build().threadOptions.tools).to.equal(undefined);
    });

    it('rejects invalid tools when the thread is built or resumed, without starting codex-rs', async () => {
      const twice = builder.withTools(search, new Search(), { search: true });
      const problems = [
        'tools[1].find: Search.find has the same name "find" as Search.find: rename one of them',
        'tools[2]: has no method with @Tool and was not created by tool(), got an object',
      ];

      expect(() => twice.build()).to.throw(ValidationError, problems[0]);
      const refused = await failure(twice.resume('01a2b3c4-0000-7000-8000-000000000001'));
      expect(
        ValidationError.is(refused) &&
          refused.problems.map((each) => `${each.path}: ${each.reason}`),
      ).to.deep.equal(problems);
    });

    it('appends to the tools set earlier, and keeps the same objects', () => {
      const { tools } = builder.withTools(search).withTools(booking).build().threadOptions;

      expect(tools).to.have.ordered.members([search, booking]);
    });
  });

  describe('withApprovals', () => {
    it('returns a new builder', () => {
      expect(builder.withApprovals(new DenyApprovals())).not.to.equal(builder);
    });

    it('does not change the old builder', () => {
      builder.withApprovals(new DenyApprovals());

      expect(builder.build().threadOptions.approvals).to.equal(undefined);
    });

    it('replaces the handler set earlier', () => {
      const [first, second] = [new DenyApprovals(), new DenyApprovals()];

      const thread = builder.withApprovals(first).withApprovals(second).build();

      expect(thread.threadOptions.approvals).to.equal(second);
    });
  });

  describe('build', () => {
    it('returns a frozen thread', () => {
      const thread = builder.build();

      expect(thread).to.be.instanceOf(Thread);
      expect(thread).to.be.frozen;
      expect(thread.threadOptions).to.be.frozen;
      expect(thread.labels).to.be.frozen;
    });

    it('returns a new thread every time', () => {
      expect(builder.build().equals(builder.build())).to.equal(false);
    });
  });
});
