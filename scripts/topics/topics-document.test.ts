import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { commentOf, type Declarations } from './read-declarations.ts'
import { topicsDocument } from './topics-document.ts'
import { topicsDocumentNow, topicsFile } from './write-topics.ts'

describe('the document of topics', () => {
  it('is what the declarations say now', async () => {
    expect(await readFile(topicsFile, 'utf8')).to.equal(await topicsDocumentNow())
  })

  it('has owner, key, partitions, copies, retention, messages, groups and dead letters of each topic', () => {
    const text = topicsDocument(declared)
    const section = text.slice(text.indexOf('## song-commands'), text.indexOf('## Dead-letter topics'))
    expect(section).to.include('Commands from choir to song.')
    for (const fact of [
      '| owner | `example/choir`, published by the Kafka user `relay-choir` |',
      '| partitions | 4 |',
      '| replication | 3 copies, of which 2 acknowledge |',
      '| retention | 7 days |',
      '| largest record | 1 MiB |',
      '| consumer groups | `song` |',
      '| dead-letter topic | [song-commands-dlt](#dead-letter-topics) |',
      '| `SingCommand` | `song_id` | `singer_id` | | Sing it. |',
    ])
      expect(section).to.include(fact)
  })

  it('calls events that a command causes answers', () => {
    const [sing] = declared.messages as [Declarations['messages'][number]]
    const answer = { ...sing, name: 'SungEvent', cause: '{ce_causationid}' }
    const other = { ...sing, name: 'HummedEvent', cause: '{song_id}' }
    expect(topicsDocument({ ...declared, messages: [answer] })).to.include('\nAnswers of choir.\n')
    expect(topicsDocument({ ...declared, messages: [answer, other] })).to.include(
      '\nAnswers and other events of choir.\n',
    )
    expect(topicsDocument({ ...declared, messages: [other] })).to.include('\nEvents of choir.\n')
  })

  it('is refused where declarations contradict each other', () => {
    const [sing] = declared.messages as [Declarations['messages'][number]]
    const [commands] = declared.topics as [Declarations['topics'][number]]
    const refusals: readonly (readonly [Partial<Declarations>, string])[] = [
      [{ messages: [] }, 'no message travels on song-commands'],
      [{ messages: [sing, { ...sing, topic: 'lost' }] }, 'travels on lost'],
      [{ messages: [sing, { ...sing, source: 'example/band' }] }, 'several owners'],
      [{ messages: [{ ...sing, comment: '' }] }, 'no comment'],
      [{ topics: [commands] }, 'no song-commands-dlt'],
    ]
    for (const [wrong, reason] of refusals)
      expect(() => topicsDocument({ ...declared, ...wrong }), reason).to.throw(reason)
  })
})

describe('the comment of a message', () => {
  it('is the block right in front of it, as one text', () => {
    const proto = '// Apart.\n\n// One,\n// two.\nmessage Song {\n}\n\nmessage SongLine {\n}\n'
    expect(commentOf('Song', proto)).to.equal('One, two.')
    expect(commentOf('SongLine', proto)).to.equal('')
  })
})

const config = {
  'min.insync.replicas': '2',
  'retention.ms': '604800000',
  'max.message.bytes': '1048576',
}

const declared: Declarations = {
  topics: ['song-commands', 'song-commands-dlt'].map((name) => ({
    name,
    partitions: 4,
    replicas: 3,
    config,
  })),
  messages: [
    {
      name: 'SingCommand',
      topic: 'song-commands',
      source: 'example/choir',
      key: 'song_id',
      subject: 'singer_id',
      cause: '',
      comment: 'Topic song-commands, key song_id: sing it.',
    },
  ],
  groups: { song: ['song-commands'] },
  users: [
    {
      name: 'relay-choir',
      acls: [
        {
          principal: 'User:relay-choir',
          operation: 'Write',
          resource: 'topic',
          name: 'song-commands',
          pattern: 'literal',
        },
      ],
      quotas: { producerByteRate: 1, consumerByteRate: 1, requestPercentage: 1 },
    },
  ],
}
