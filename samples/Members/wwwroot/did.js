// Shows the link that the member's own program answers, and takes the answer, which comes back in the fragment: no server has seen it.
const place = document.getElementById('did')
const purpose = place.dataset.purpose

async function post(path, body) {
  const answer = await fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  if (answer.ok) return answer.status === 204 ? null : answer.json()
  const problem = await answer.json()
  throw new Error(`${problem.title} ${problem.detail}`)
}

async function run() {
  const given = new URLSearchParams(location.hash.slice(1))
  history.replaceState(null, '', location.pathname)
  try {
    if (given.has('response')) {
      await post(`/did/${purpose}`, { challenge: given.get('challenge'), response: given.get('response') })
      location.replace('/')
      return
    }
    const { link } = await post('/did/challenge', { purpose })
    document.getElementById('command').textContent = `keyladder did ${purpose} '${link}'`
  } catch (problem) {
    document.getElementById('problem').textContent = problem.message
  }
}

addEventListener('hashchange', () => { if (location.hash) run() })
run()
