import { expect } from 'chai'
import { anchorsIn, faultsOf, linksIn, orphansOf } from './links.ts'

const guide = `# Guide

See [the code](../src/main.ts), [the folder](../src/), [a heading](#two-words-twice) and [another
document](more.md#the-apis-end-v2 "title").

## Two words: \`twice\`
`

describe('the links of a document', () => {
  const more = ['docs/more.md', "# More\n\n## The [API](x.ts)'s end, v2\n"] as const
  const files = new Set(['docs/guide.md', 'docs/more.md', 'docs/x.ts', 'src/main.ts'])
  const faults = (markdown: string) =>
    faultsOf({ documents: new Map([more, ['docs/guide.md', markdown]]), files })

  it('lead to existing files, folders and headings', () => {
    expect(faults(guide)).to.deep.equal([])
    expect(faults('[a](more.md#the-apis-end-v2) ![b](../src/main.ts) [c](..)')).to.deep.equal([])
    expect(faults('[a](https://example.org/x.md#y) [b](mailto:a@example.org)')).to.deep.equal([])
  })

  it('have a fault if a file or a heading is missing, or if they leave the repository', () => {
    expect(faults('\n[a](gone.md)')).to.deep.equal(['docs/guide.md:2: there is no docs/gone.md'])
    expect(faults('[a](/src/main.ts) [b](main.ts)')).to.have.length(2)
    expect(faults('[a](../../src/main.ts)')).to.deep.equal(['docs/guide.md:1: there is no ../src/main.ts'])
    expect(faults('[a](more.md#less)')).to.deep.equal(['docs/guide.md:1: docs/more.md has no heading #less'])
    expect(faults('[a](#less)')).to.deep.equal(['docs/guide.md:1: docs/guide.md has no heading #less'])
  })

  it('are found in images and in links around images, and not in code', () => {
    const targets = linksIn('[![a](b.png)](c.png)\n\n```sh\n[d](e)\n```\n`[f](g)` [`h`](i)')
    expect(targets).to.deep.equal([
      { line: 1, target: 'b.png' },
      { line: 1, target: 'c.png' },
      { line: 6, target: 'i' },
    ])
  })
})

describe('a document below docs', () => {
  it('is a fault if no document links to it', () => {
    const documents = new Map([
      ['README.md', '[a](docs/found.md#top)'],
      ['docs/found.md', '# Found'],
      ['docs/more/lost.md', '[b](../found.md) [c](#lost)'],
    ])
    expect(orphansOf({ documents, files: new Set(documents.keys()) })).to.deep.equal([
      'docs/more/lost.md: no document links to it',
    ])
  })
})

describe('the headings of a document', () => {
  it('are named as GitHub names them', () => {
    const anchors = anchorsIn(
      "# A slot is nobody's\n\n## x_y – `z.ts`\n\n```\n# no heading\n```\n\n## Again\n\n### Again\n",
    )
    expect([...anchors]).to.deep.equal(['a-slot-is-nobodys', 'x_y--zts', 'again', 'again-1'])
  })
})
