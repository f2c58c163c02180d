import { expect } from 'chai';
import { ValidationError } from '../../lib/errors.js';
import { asked, serverRequest } from './server-requests.js';

const ask = () => asked('userInput', serverRequest('item/tool/requestUserInput'));

describe('UserInputRequest', () => {
  it('has the questions', () => {
    expect(ask().questions.map(({ id }) => id)).to.deep.equal(['colour', 'why']);
  });

  it('sends one answer or several for each question', () => {
    const { reply, verdict } = ask().answer({ colour: 'red', why: ['warm', 'cheap'] });

    expect(verdict).to.equal('answer');
    expect(reply).to.deep.equal({
      answers: { colour: { answers: ['red'] }, why: { answers: ['warm', 'cheap'] } },
    });
  });

  it('may leave questions unanswered', () => {
    expect(ask().answer({ why: 'because' }).reply).to.deep.equal({
      answers: { why: { answers: ['because'] } },
    });
  });

  it('rejects an answer to an unknown question', () => {
    expect(() => ask().answer({ size: 'L' })).to.throw(
      ValidationError,
      'size: is not the id of a question: the ids are colour, why',
    );
  });

  it('rejects an answer that is not among the options', () => {
    expect(() => ask().answer({ colour: 'green' })).to.throw(
      ValidationError,
      'colour: must be one of red, blue, got "green"',
    );
  });

  it('rejects an answer that is not a string', () => {
    expect(() => ask().answer({ why: 7 } as never)).to.throw(
      ValidationError,
      'must be a string, got 7',
    );
    expect(() => ask().answer(null as never)).to.throw(ValidationError, 'must be an object');
  });

  it('sends no answers if it is denied', () => {
    expect(ask().deny().reply).to.deep.equal({ answers: {} });
  });

  it('cannot be allowed', () => {
    const request = ask();

    // @ts-expect-error questions want answers
    expect(() => request.allow())
      .to.throw('choose one of answer, deny, pass')
      .with.property('code', 'decision-not-possible');
  });
});
