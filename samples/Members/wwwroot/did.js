// Shows the link that the member's own program answers, and takes the answer, which comes back in the fragment: no server has seen it.
const place = document.getElementById('did')
const purpose = place.dataset.purpose
const show = (id, text) => { document.getElementById(id).textContent = text }

async function post(path, body) {
  const answer = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  if (answer.ok) return answer.status === 204 ? null : answer.json()
  const problem = await answer.json()
  throw new Error(`${problem.title} ${problem.detail}`)
}

async function take(fragment) {
  const given = new URLSearchParams(fragment)
  if (!given.has('challenge') || !given.has('response')) throw new Error('That is not all of what your program answered. Copy the whole line, and open it here.')
  await post(`/did/${purpose}`, { challenge: given.get('challenge'), response: given.get('response') })
  location.replace('/')
}

async function run() {
  const fragment = location.hash.slice(1)
  history.replaceState(null, '', location.pathname)
  show('problem', '')
  try {
    if (fragment) return await take(fragment)
  } catch (problem) {
    show('problem', problem.message)
  }
  try {
    const { link } = await post('/did/challenge', { purpose })
    show('command', `keyladder did ${purpose} '${link}'`)
  } catch (problem) {
    show('problem', problem.message)
  }
}

addEventListener('hashchange', () => { if (location.hash) run() })
run()
