import { expect } from 'chai';
import { ValidationError } from '../../lib/errors.js';
import { ToolImage } from '../../lib/tools/tool-image.js';

describe('ToolImage', () => {
  it('holds the bytes of an image as a data URL', () => {
    const image = ToolImage.fromBytes(new Uint8Array([1, 2, 3]), 'image/png');

    expect(image.imageUrl).to.equal('data:image/png;base64,AQID');
    expect(image).to.satisfy(Object.isFrozen);
  });

  it('refuses images that codex-rs would not show', () => {
    expect(() => new ToolImage('https://x.test/a.png')).to.throw(ValidationError, 'data URL');
    expect(() => new ToolImage('data:text/plain;base64,AQID')).to.throw(ValidationError);
    expect(() => new ToolImage('data:image/png;base64,')).to.throw(ValidationError);
    expect(() => ToolImage.fromBytes(new Uint8Array(), 'image/png')).to.throw(ValidationError);
    expect(() => new ToolImage(7 as never)).to.throw(ValidationError, 'got 7');
  });
});
