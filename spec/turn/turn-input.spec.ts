import { expect } from 'chai';
import fc from 'fast-check';
import { resolve } from 'node:path';
import {
  ImageInput,
  LocalImageInput,
  MentionInput,
  SkillInput,
  TextInput,
  ValidationError,
  type TurnInput,
} from '../../lib/index.js';
import { wireInput } from '../../lib/turn/turn-input.js';
import { gif, jpeg, png, webp } from '../images.js';

function problemsOf(input: unknown): Record<string, string> {
  try {
    wireInput(input as TurnInput);
  } catch (error) {
    if (!ValidationError.is(error)) throw error;
    return Object.fromEntries(error.problems.map(({ path, reason }) => [path, reason]));
  }
  throw new Error('It was not refused.');
}

describe('An input', () => {
  it('is the same from a string, a part, an array of parts, and instances of the input classes', () => {
    const image = ImageInput.fromBytes(png);
    const path = resolve('shot.png');

    expect(wireInput('Hi')).to.deep.equal([{ type: 'text', text: 'Hi' }]);
    expect(wireInput({ type: 'text', text: 'Hi' })).to.deep.equal(wireInput('Hi'));
    expect(wireInput(new TextInput('Hi'))).to.deep.equal(wireInput('Hi'));
    expect(
      wireInput([
        image,
        new LocalImageInput(path),
        new SkillInput('demo', path),
        new MentionInput('mail', 'app://mail'),
      ]),
    ).to.deep.equal([
      { type: 'image', url: `data:image/png;base64,${png.toString('base64')}` },
      { type: 'localImage', path },
      { type: 'skill', name: 'demo', path },
      { type: 'mention', name: 'mail', path: 'app://mail' },
    ]);
  });

  it('accepts local images under the name of the official SDK', () => {
    expect(wireInput({ type: 'local_image', path: '/a.png' })).to.deep.equal([
      { type: 'localImage', path: resolve('/a.png') },
    ]);
  });

  it('resolves paths against the current directory, as options do', () => {
    expect(wireInput(new LocalImageInput('a.png'))).to.deep.equal([
      { type: 'localImage', path: resolve('a.png') },
    ]);
  });

  it('is rejected if it is empty', () => {
    expect(problemsOf([])).to.have.all.keys('');
    expect(problemsOf('')).to.have.all.keys('[0].text');
    expect(problemsOf(['  '])).to.have.all.keys('[0]');
    expect(problemsOf(new TextInput(' \n'))).to.have.all.keys('[0].text');
  });

  it('is rejected if it has only mentions, which do not reach the model', () => {
    expect(problemsOf(new MentionInput('mail', 'app://mail'))).to.have.all.keys('');
  });

  it('is rejected with all its problems at once', () => {
    const problems = problemsOf([
      { type: 'text' },
      { type: 'skill', name: 7, path: null },
      { type: 'video', url: 'x' },
      { type: 'text', text: 'Hi', txt: 'Hi' },
    ]);

    expect(problems).to.have.all.keys('[0].text', '[1].name', '[1].path', '[2]', '[3].txt');
    expect(problems['[2]']).to.contain('"video"');
    expect(problems['[3].txt']).to.contain('is not a known property: a part of type text has text');
  });

  it('is rejected if a part is invalid', () => {
    fc.assert(
      fc.property(
        fc.anything().filter((value) => typeof value !== 'string' && !Array.isArray(value)),
        (part) => {
          expect(problemsOf([part])).to.have.any.keys('[0]', '[0].text');
        },
      ),
    );
  });

  it('is rejected if a text was truncated in the middle of a character, which codex-rs would not answer', () => {
    expect(problemsOf('Hello 👋'.slice(0, -1))).to.have.all.keys('[0].text');
    expect(wireInput('Hello 👋')).to.have.length(1);
  });

  for (const [what, url] of Object.entries({
    'a remote URL': 'https://example.com/a.png',
    'a file URL': 'file:///a.png',
    'a path': '/a.png',
    'no Base64': 'data:image/svg+xml,<svg/>',
    'nothing after the comma': 'data:image/png;base64,',
    'Base64 without its padding': `data:image/png;base64,${png.toString('base64').replaceAll('=', '')}`,
    'Base64 for URLs': `data:image/png;base64,${png.toString('base64url')}==`,
    'a leading space': ` data:image/png;base64,${png.toString('base64')}`,
    'a file that is not an image': `data:image/png;base64,${btoa('hello world!')}`,
    'an SVG': `data:image/svg+xml;base64,${btoa('<svg xmlns="http://www.w3.org/2000/svg"/>')}`,
  }))
    it(`is rejected if the URL of an image is ${what}`, () => {
      expect(problemsOf(new ImageInput(url))).to.have.all.keys('[0].url');
    });

  // The number of bytes from which codex-rs sends them to the model.
  for (const [format, [image, enough]] of Object.entries({
    png: [png, 66],
    jpeg: [jpeg, 624],
    gif: [gif, 41],
    webp: [webp, 33],
  } as const))
    it(`is rejected if a ${format} is truncated after its header`, () => {
      const input = (length: number): ImageInput =>
        new ImageInput(
          `data:image/${format};base64,${image.subarray(0, length).toString('base64')}`,
        );

      for (let length = 12; length < enough; length += 1)
        expect(problemsOf(input(length))['[0].url']).to.contain('truncated');
      expect(wireInput(input(enough))).to.have.length(1);
      expect(() => ImageInput.fromBytes(image.subarray(0, 12))).to.throw(
        ValidationError,
        'truncated',
      );
      expect(ImageInput.fromBytes(image).url).to.contain(`image/${format}`);
    });

  it('is rejected if the bytes are not an image', () => {
    expect(() => ImageInput.fromBytes(Buffer.from('hello'))).to.throw(ValidationError, 'PNG');
  });

  for (const [what, path] of Object.entries({
    'a tilde, which is not expanded': '~/a.png',
    'a URL': 'file:///a.png',
    'a NUL': 'a\0.png',
  }))
    it(`is rejected if the path of a local image has ${what}`, () => {
      expect(problemsOf(new LocalImageInput(path))).to.have.all.keys('[0].path');
    });
});
