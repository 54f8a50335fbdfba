// Fails when scripts weigh more than the budget: node size-budget.mjs DIR KB [KB of all]
// With two numbers the first is for what the page loads at once, the second for everything in DIR.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const [folder = 'dist', budgetKilobytes = '120', allKilobytes] = process.argv.slice(2)

function scripts(path) {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const inside = join(path, entry.name)
    if (entry.isDirectory()) return scripts(inside)
    return /\.m?js$/.test(entry.name) ? [inside] : []
  })
}

function check(what, paths, budget) {
  const kilobytes = paths.reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0) / 1000
  process.stdout.write(`${folder}: ${kilobytes.toFixed(1)} kB of ${what}, gzip (budget ${budget})\n`)
  if (kilobytes > Number(budget)) process.exit(1)
}

const all = scripts(folder)
const page = readFileSync(join(folder, 'index.html'), 'utf8')
const atOnce = all.filter((path) => page.includes(path.split('/').at(-1)))
if (allKilobytes === undefined) check('scripts', all, budgetKilobytes)
else {
  check('scripts at once', atOnce, budgetKilobytes)
  check('scripts in all', all, allKilobytes)
}
