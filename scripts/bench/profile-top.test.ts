import { expect } from 'chai'
import { profileTop } from './profile-top.ts'

describe('the top of a profile', () => {
  const node = (id: number, functionName: string, url: string) => ({
    id,
    callFrame: { functionName, url, lineNumber: 9 },
  })

  it('adds up self times by package and by function, without idle time', () => {
    const text = profileTop({
      process: 'payment',
      file: 'payment.cpuprofile',
      profile: {
        nodes: [
          node(1, '(idle)', ''),
          node(2, 'parse', 'file:///srv/node_modules/@scope/parser/lib/parse.js'),
          node(3, 'scan', 'file:///srv/node_modules/@scope/parser/lib/scan.js'),
        ],
        samples: [1, 2, 3, 2],
        timeDeltas: [0, 5_000, 1_000, 2_000],
      },
    })
    expect(text).to.contain('payment: 0.00 s not idle of 0.01 s')
    expect(text).to.match(/100\.0 % +3 ms {2}@scope\/parser\n/)
    expect(text).to.match(/66\.7 % +2 ms {2}scan {2}@scope\/parser\/lib\/scan\.js:10/)
    expect(text).not.to.contain('idle)')
  })
})
