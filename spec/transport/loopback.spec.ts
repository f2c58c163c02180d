import { expect } from 'chai';
import { loopbackHostsIn, withDirectLoopback } from '../../lib/transport/loopback.js';

describe('loopbackHostsIn', () => {
  it('finds this machine under all its names', () => {
    const addresses =
      'http://127.0.0.1:1/v1 "https://LOCALHOST/" {base_url="http://[::1]:8080/v1"} http://127.8.9.10 ' +
      'http://0.0.0.0:8000 ws://app.localhost:3 http://localhost. http://127.1/';

    expect(loopbackHostsIn(addresses)).to.deep.equal([
      '127.0.0.1',
      'localhost',
      '::1',
      '127.8.9.10',
      '0.0.0.0',
      'app.localhost',
      'localhost',
      '127.0.0.1',
    ]);
  });

  it('does not find other machines', () => {
    const addresses =
      'https://api.openai.com/v1 http://localhost.example http://notlocalhost http://10.0.0.1 ' +
      'https://127.0.0.1.example http://[::2]/ https://host/?at=localhost http:// 127.0.0.1';

    expect(loopbackHostsIn(addresses)).to.deep.equal([]);
  });
});

describe('withDirectLoopback', () => {
  const usual = 'localhost,127.0.0.1,::1';

  it('adds this machine under both names of the variable', () => {
    expect(withDirectLoopback({ A: '1' }, ['127.8.9.10'])).to.deep.equal({
      A: '1',
      NO_PROXY: `${usual},127.8.9.10`,
      no_proxy: `${usual},127.8.9.10`,
    });
  });

  it('keeps the hosts of the user, from either name', () => {
    expect(withDirectLoopback({ NO_PROXY: '.corp, localhost' }, ['localhost'])).to.deep.equal({
      NO_PROXY: '.corp,localhost,127.0.0.1,::1',
      no_proxy: '.corp,localhost,127.0.0.1,::1',
    });
    expect(withDirectLoopback({ no_proxy: '.corp' }, [])).to.deep.equal({
      NO_PROXY: `.corp,${usual}`,
      no_proxy: `.corp,${usual}`,
    });
    expect(withDirectLoopback({ NO_PROXY: 'a', no_proxy: 'b' }, [])).to.deep.equal({
      NO_PROXY: `a,${usual}`,
      no_proxy: `b,${usual}`,
    });
  });

  it('does not change a list with all hosts', () => {
    expect(withDirectLoopback({ NO_PROXY: '*' }, [])).to.deep.equal({
      NO_PROXY: '*',
      no_proxy: '*',
    });
  });
});
