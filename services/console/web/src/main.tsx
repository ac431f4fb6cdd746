import { render } from 'preact'
import { App } from './app.tsx'
import { applyAppearance } from './live/appearance.ts'
import './style/page.css'

applyAppearance()
const page = document.getElementById('page')
if (page !== null) render(<App />, page)
