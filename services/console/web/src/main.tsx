import { render } from 'preact'
import { App } from './app.tsx'
import { applyAppearance } from './live/appearance.ts'
import { hasCode, takeCode } from './live/session.ts'
import { ErrorBoundary } from './parts/error-boundary.tsx'
import './style/page.css'

applyAppearance()
takeCode()
// A sign-in link was opened in a tab that shows the page already.
addEventListener('hashchange', () => {
  if (hasCode()) location.reload()
})
const page = document.getElementById('page')
if (page !== null) {
  render(
    <ErrorBoundary shown="page">
      <App />
    </ErrorBoundary>,
    page,
  )
}
