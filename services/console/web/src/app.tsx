import { useEffect, useState } from 'preact/hooks'
import type { Me } from '../../src/contract/answers.ts'
import { get, RequestError, textOf } from './live/api.ts'
import { useConnection } from './live/connection.ts'
import { type Route, useRoute } from './live/route.ts'
import { hasToken, onSignedOut, signOut, signsInByLinks, useToken } from './live/session.ts'
import { AppearanceSwitch } from './parts/appearance-switch.tsx'
import { ErrorBoundary } from './parts/error-boundary.tsx'
import { Loading, Problem } from './parts/states.tsx'
import { ConcertScreen } from './screens/concert.tsx'
import { DeadLettersScreen } from './screens/dead-letters.tsx'
import { GroupsScreen } from './screens/groups.tsx'
import { OverviewScreen } from './screens/overview.tsx'
import { PaymentScreen } from './screens/payment.tsx'
import { PaymentsScreen } from './screens/payments.tsx'
import { ReplayScreen } from './screens/replay.tsx'
import { WalletScreen } from './screens/wallet.tsx'

const screens = [
  ['', 'Overview'],
  ['payments', 'Payments'],
  ['concert', 'Concert'],
  ['wallet', 'Wallet'],
  ['dead-letters', 'Dead letters'],
  ['groups', 'Groups & topics'],
  ['replay', 'Replay'],
] as const

/** The whole page: who is signed in, where to go, and the screen. */
export function App() {
  const route = useRoute()
  const [me, setMe] = useState<Me>()
  const [signedOut, setSignedOut] = useState<string>()
  const [problem, setProblem] = useState<string>()
  const enter = (): void => {
    setSignedOut(undefined)
    setProblem(undefined)
    get<Me>('/api/me').then(setMe, (error) => {
      // A token without a role is useless: another one is needed.
      if (error instanceof RequestError && error.status === 403) signOut(error.message)
      else setProblem(textOf(error))
    })
  }
  useEffect(() => {
    const close = onSignedOut((why) => {
      setMe(undefined)
      setSignedOut(why)
    })
    enter()
    return close
  }, [])
  const screen = screens.find(([path]) => path === (route[0] ?? ''))
  useEffect(() => {
    document.title = `${screen?.[1] ?? 'Not found'} · Boxoffice`
    // A narrow screen cannot show all links at once.
    reveal(document.querySelector('nav [aria-current]'))
  }, [screen])
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it does go to a place of the page, only not by the hash, which says which screen is shown */}
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header>
        <a class="brand" href="#/">
          <img src="/favicon.svg" alt="" width="26" height="26" /> Boxoffice
        </a>
        <nav aria-label="Screens">
          {screens.map(([path, title]) => (
            <a key={path} href={`#/${path}`} aria-current={screen?.[0] === path ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
        <div class="who">
          {me && <ConnectionLight />}
          {me && (
            <span title={`Roles: ${me.roles.join(', ')}`}>
              {me.user}
              <small>{me.roles.includes('operator') ? 'operator' : 'viewer'}</small>
            </span>
          )}
          {me && hasToken() && (
            <button type="button" class="link" onClick={() => signOut('You have signed out')}>
              Sign out
            </button>
          )}
          <AppearanceSwitch />
        </div>
      </header>
      <ConnectionBanner />
      <main id="main" tabIndex={-1}>
        <ErrorBoundary shown={route.join('/')}>
          <Content route={route} me={me} signedOut={signedOut} problem={problem} enter={enter} />
        </ErrorBoundary>
      </main>
    </>
  )
}

/** Scrolls the row of links by hand: `scrollIntoView` also moves the place from which the Tab key continues. */
function reveal(link: Element | null): void {
  const row = link?.closest('nav')
  if (!link || !row) return
  const [inner, outer] = [link.getBoundingClientRect(), row.getBoundingClientRect()]
  if (inner.left < outer.left) row.scrollLeft -= outer.left - inner.left
  else if (inner.right > outer.right) row.scrollLeft += inner.right - outer.right
}

function skip(event: Event): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}

function Content(props: {
  readonly route: Route
  readonly me: Me | undefined
  readonly signedOut: string | undefined
  readonly problem: string | undefined
  readonly enter: () => void
}) {
  const { route, me, signedOut, problem, enter } = props
  if (signedOut !== undefined) return <TokenForm why={signedOut} onToken={enter} />
  if (problem !== undefined) return <Problem text={problem} retry={enter} />
  return me === undefined ? <Loading what="who you are" /> : <Screen route={route} me={me} />
}

function Screen({ route, me }: { readonly route: Route; readonly me: Me }) {
  const [name = '', id] = route
  const mayOperate = me.roles.includes('operator')
  switch (name) {
    case '':
      return <OverviewScreen />
    case 'payments':
      return id === undefined ? <PaymentsScreen /> : <PaymentScreen key={id} paymentId={id} me={me} />
    case 'concert':
      return <ConcertScreen concertId={id} me={me} />
    case 'wallet':
      return <WalletScreen me={me} />
    case 'dead-letters':
      return <DeadLettersScreen mayOperate={mayOperate} />
    case 'groups':
      return <GroupsScreen />
    case 'replay':
      return <ReplayScreen mayOperate={mayOperate} mayRebuild={me.roles.includes('custodian')} />
    default:
      return <Problem text="There is no such screen." />
  }
}

function ConnectionLight() {
  const connection = useConnection()
  const texts = { connecting: 'connecting', live: 'live', lost: 'reconnecting' }
  return <span class={`light ${connection}`}>{texts[connection]}</span>
}

function ConnectionBanner() {
  const connection = useConnection()
  if (connection !== 'lost') return null
  return (
    <p class="banner" role="status">
      Disconnected. The page may show old data; it continues by itself once the console is back.
    </p>
  )
}

function TokenForm({ why, onToken }: { readonly why: string; readonly onToken: () => void }) {
  const [token, setToken] = useState('')
  const [byLinks, setByLinks] = useState(false)
  useEffect(() => {
    signsInByLinks().then(setByLinks, () => undefined)
  }, [])
  return (
    <form
      class="card narrow"
      onSubmit={(event) => {
        event.preventDefault()
        useToken(token)
        onToken()
      }}
    >
      <h1>Sign in</h1>
      <p role="alert">
        {why}. Enter a token with the role “viewer”, or “operator” to redrive, discard and replay.
      </p>
      {byLinks && (
        <p>
          Or open the link that <code>npm start</code> has printed. It signs in only once;{' '}
          <code>npx boxoffice console</code> prints another one.
        </p>
      )}
      <label>
        Bearer token
        <input
          type="password"
          value={token}
          required
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="primary">
        Sign in
      </button>
    </form>
  )
}
