// The arrows between the rooms (ARCHITECTURE.md), checked by `npm run check`.
// Type imports count too: an arrow is an arrow.

/** A service: what is not a library, the relay or the operator. So a service that is added is one. */
const service = '^services/(?!common/|outbox-relay/|operator/)([^/]+)/src'
/** A service that decides. The console only shows: its API reads what it has stored. */
const decider = '^services/(?!common/|outbox-relay/|operator/|console/)([^/]+)/src'
const test = '\\.test\\.ts$'
/** What a stranger would write. */
const example = '^services/common/[^/]+/example/'
const mikroOrm = 'node_modules/@mikro-orm/'
/** What a library exports: index.ts, and in messaging a door for each audience. */
const doors = '^services/common/[^/]+/((pg|telemetry)/)?(index|operations|records|sql)\\.ts$'

/** The rooms of services/common/src, the lowest first. A room imports only rooms that stand before it. */
const rooms = [
  'config', // typed settings
  'telemetry', // log, metrics, traces
  'lifecycle', // start, readiness, drain, stop, loops
  'postgres',
  'kafka', // settings and files as what @boxoffice/kafka takes
  'doctor',
  'status', // errors, as a google.rpc.Status
  'auth',
  'admission',
  'grpc',
  'admin', // the operators' API
  'service', // runService: the roof
]
const room = (names) => `^services/common/src/(${names.join('|')})/`

/** The rooms of @boxoffice/messaging, the lowest first, by the same rule. */
const messagingRooms = [
  'telemetry', // the ports for log, metrics and traces
  'sql', // the port for databases
  'schema', // SQL that makes the tables
  'message', // records and messages, their ids, types and codecs
  'outbox',
  'inbox/handling', // a service's handler and what it leads to
  'inbox/positions', // where a consumer stands
  'inbox/pruning',
  'dead-letters',
  'replay',
  'inbox/assignment', // a partition while it is assigned
  'inbox/watching', // lag, and whether a consumer moves
  'inbox/consuming',
  'restore',
  'pg', // the adapter for pg
]
const messagingRoom = (names) => `^services/common/messaging/(${names.join('|')})/`
/** The tests of a room and the fixtures of all rooms may look up. */
const fixtures = [test, '^services/common/src/testing/']

/** Rules that forbid, each with the reason that the report shows. */
const forbidden = [
  {
    name: 'no-cycles',
    comment: 'Files that import each other cannot be read, tested or moved one by one.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-orphans',
    comment: 'Nothing imports this file and it imports nothing: it is dead, or its test is missing.',
    from: { orphan: true, pathNot: ['\\.d\\.ts$', '^scripts/[^/]+\\.ts$', '/main\\.ts$'] },
    to: {},
  },
  {
    name: 'resolvable',
    comment: 'The imported file or package is not there, or the package does not export it.',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'declared-dependencies',
    comment: "A package that is imported stands in the workspace's package.json.",
    from: { path: '^services/', pathNot: [test, '/src/testing/', example] },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
  },
  {
    name: 'domain-is-pure',
    comment: 'The domain is plain data and pure functions: it imports nothing but itself.',
    from: { path: `${service}/domain/`, pathNot: test },
    to: { pathNot: '^services/$1/src/domain/' },
  },
  {
    name: 'domain-tests-are-pure',
    comment: "The domain's tests need the domain and a test library, nothing else.",
    from: { path: `${service}/domain/.*${test}` },
    to: { pathNot: ['^services/$1/src/domain/', 'node_modules/(chai|fast-check|@types)/', '^node:'] },
  },
  {
    name: 'edges-are-wired-by-main',
    comment: 'api and messages are the edges: only main (and tests) import them.',
    from: { path: '^services/([^/]+)/src/([^/]+)/', pathNot: [test, '/src/testing/'] },
    to: { path: `${service}/(api|messages)/`, pathNot: '^services/$1/src/$2/' },
  },
  {
    name: 'edges-are-not-for-others',
    comment: 'Neither settings nor scripts reach into api and messages: scripts speak gRPC.',
    from: { path: ['^services/[^/]+/src/[^/]+$', '^scripts/'], pathNot: [test, '/src/main\\.ts$'] },
    to: { path: `${service}/(api|messages)/` },
  },
  {
    name: 'edges-call-use-cases',
    comment: 'api and messages translate and call a use case: tables and restores are not theirs.',
    from: { path: `${decider}/(api|messages)/`, pathNot: test },
    to: { path: '^services/$1/src/(storage|restore)/' },
  },
  {
    name: 'use-cases-stand-on-rules-and-tables',
    comment: 'A use case is called by any edge: it knows the domain, storage and contract, not who calls it.',
    from: { path: `${decider}/use-cases/`, pathNot: test },
    to: { path: '^services/$1/src/', pathNot: '^services/$1/src/(use-cases|domain|storage|contract)/' },
  },
  {
    name: 'restore-stands-on-rules-and-tables',
    comment:
      'A restore applies what was published: it calls no use case, which would decide and publish again.',
    from: { path: `${decider}/restore/`, pathNot: test },
    to: { path: '^services/$1/src/', pathNot: '^services/$1/src/(restore|domain|storage|contract)/' },
  },
  {
    name: 'storage-is-below',
    comment: 'storage knows the domain and its translation into messages, not who calls it.',
    from: { path: `${service}/storage/`, pathNot: test },
    to: { path: '^services/$1/src/', pathNot: '^services/$1/src/(storage|domain|contract)/' },
  },
  {
    name: 'contract-translates',
    comment: 'contract translates between the domain and protobuf; of the rest it knows rows, as types.',
    from: { path: `${service}/contract/`, pathNot: test },
    to: {
      path: '^services/$1/src/',
      pathNot: '^services/$1/src/(contract|domain)/',
      dependencyTypesNot: ['type-only'],
    },
  },
  {
    name: 'services-are-apart',
    comment: 'Services meet in messages and gRPC, never in code.',
    from: { path: '^services/(?!common/)([^/]+)/' },
    to: { path: '^services/(?!common/)[^/]+/', pathNot: '^services/$1/' },
  },
  {
    name: 'services-stand-alone',
    comment: 'What runs in production needs neither scripts nor tests.',
    from: { path: '^services/', pathNot: [test, '/testing/'] },
    to: { path: ['^scripts/', '^test/', '^services/.*/testing/', 'node_modules/(chai|mocha|fast-check)/'] },
  },
  {
    name: 'common-knows-no-business',
    comment: 'common and the relay work for every service: they know no message of a particular one.',
    from: { path: '^services/(common|outbox-relay)/', pathNot: [test, '/src/testing/'] },
    to: { path: ['^proto/gen/boxoffice/(?!type/|admin/)', service] },
  },
  {
    name: 'common-is-below',
    comment: 'common is what services stand on.',
    from: { path: '^services/common/' },
    to: { path: '^services/(?!common/)' },
  },
  {
    name: 'rooms-are-ordered',
    comment: 'A room of common that has no place in the order: write it into `rooms`, above what it imports.',
    from: { path: '^services/common/src/', pathNot: [...fixtures, room(rooms)] },
    to: {},
  },
  ...rooms.map((name, place) => ({
    name: 'arrows-go-down',
    comment: 'A room of common imports only rooms that stand before it in `rooms`.',
    from: { path: room([name]), pathNot: fixtures },
    to: { path: '^services/common/src/', pathNot: room(rooms.slice(0, place + 1)) },
  })),
  ...messagingRooms.map((name, place) => ({
    name: 'arrows-go-down',
    comment: 'A room of messaging imports only rooms that stand before it in `messagingRooms`.',
    from: { path: messagingRoom([name]), pathNot: test },
    to: {
      path: '^services/common/messaging/',
      pathNot: messagingRoom(messagingRooms.slice(0, place + 1)),
    },
  })),
  {
    name: 'libraries-have-doors',
    comment:
      "A library beside common/src is imported by what its package.json exports: the rest is the library's own.",
    from: { pathNot: '^services/common/' },
    to: { path: '^services/common/(?!src/)[^/]+/', pathNot: doors },
  },
  {
    name: 'libraries-use-doors',
    comment:
      'Libraries, too, import each other by their doors. The fixtures that their tests share may look inside.',
    from: { path: '^services/common/([^/]+)/', pathNot: fixtures },
    to: { path: '^services/common/(?!src/|$1/)[^/]+/', pathNot: doors },
  },
  {
    name: 'messaging-stands-alone',
    comment:
      'Messaging runs on any database library, codec, log and registry: it imports kafka and pacing, and pg in its adapter.',
    from: { path: '^services/common/messaging/', pathNot: [test, example] },
    to: {
      path: ['^(services|proto|scripts)/', 'node_modules/(?!@types/)'],
      pathNot: ['^services/common/(messaging|kafka|pacing)/'],
      dependencyTypesNot: ['type-only'],
    },
  },
  {
    name: 'messaging-knows-no-adapter',
    comment: 'Of what a service may use beside it, messaging knows nothing, not even types; pg only in pg/.',
    from: { path: '^services/common/messaging/', pathNot: [test, example, '^services/common/messaging/pg/'] },
    to: {
      path: [
        '^proto/',
        '^services/common/(src|messaging-protobuf)/',
        'node_modules/(@mikro-orm|@bufbuild|@grpc|pg|kysely|pino|prom-client)/',
      ],
    },
  },
  {
    name: 'pacing-stands-alone',
    comment: 'Waits and rounds need nothing.',
    from: { path: '^services/common/pacing/', pathNot: test },
    to: { path: '^(services|proto|scripts)/', pathNot: '^services/common/pacing/' },
  },
  {
    name: 'saga-stands-alone',
    comment: 'A saga runs on any database, broker and ORM: the library imports nothing but itself.',
    from: { path: '^services/common/saga/', pathNot: test },
    to: { pathNot: '^services/common/saga/' },
  },
  {
    name: 'relay-knows-no-contract',
    comment: 'The relay carries bytes: it needs no generated code.',
    from: { path: '^services/outbox-relay/', pathNot: test },
    to: { path: '^proto/' },
  },
  {
    name: 'kafka-stands-alone',
    comment:
      'What kafka takes from others comes through its options: the library imports nothing of this repository.',
    from: { path: '^services/common/kafka/', pathNot: test },
    to: { path: '^(services|proto)/', pathNot: '^services/common/kafka/' },
  },
  {
    name: 'kafkajs-in-one-place',
    comment: 'KafkaJS has defects that @boxoffice/kafka handles: use what it exports.',
    from: { pathNot: '^services/common/kafka/' },
    to: { path: 'node_modules/kafkajs/' },
  },
  {
    name: 'page-is-apart',
    comment: 'The page runs in a browser: of the server it knows the shape of answers, nothing that runs.',
    from: { path: '^services/console/web/' },
    to: {
      path: '^(services|proto|scripts|test)/',
      pathNot: ['^services/console/web/', '^services/console/src/contract/answers\\.ts$'],
    },
  },
  {
    name: 'page-is-built',
    comment: 'The server serves the page that was built: it imports nothing of it.',
    from: { path: '^(services|scripts|test)/', pathNot: '^services/console/web/' },
    to: { path: '^services/console/web/' },
  },
  {
    name: 'orm-in-storage',
    comment: 'Entities live in storage. A use case or a restore may pass an EntityManager on, as a type.',
    from: { path: `${service}/`, pathNot: [`${service}/storage/`, `${service}/main\\.ts$`, test] },
    to: { path: mikroOrm, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'no-orm-at-the-edges',
    comment: 'api, messages, contract and domain know no transaction: the use case owns it.',
    from: { path: `${service}/(api|messages|contract|domain)/`, pathNot: test },
    to: { path: mikroOrm },
  },
  {
    name: 'sql-in-storage',
    comment: 'SQL stands in storage, behind a function that says what it is for.',
    from: { path: `${service}/`, pathNot: [`${service}/(storage|testing)/`, test] },
    to: { path: ['^services/common/.*/query\\.ts$', 'node_modules/(pg|kysely)/'] },
  },
]

module.exports = {
  forbidden: forbidden.map((rule) => ({ severity: 'error', ...rule })),
  options: {
    // TypeScript 7 has no compiler API that dependency-cruiser could use; swc's parser sees the same imports.
    parser: 'swc',
    doNotFollow: { path: ['node_modules', '^proto/gen/'] },
    exclude: { path: ['^(services|scripts|proto)/[^/]*/?node_modules/', '^services/console/dist/'] },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.cjs', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
}
