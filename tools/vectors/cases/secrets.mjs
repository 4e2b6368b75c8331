import { derivationOfDevice, derivationOfPassphrase, derivationOfWords, hasShapeOfWords, readPassphrase, readSecretKey, readWords, wordList, writeSecretKey, writeWords } from '../formats/secrets.mjs'
import { h, flip, ok, refused, seeded, vectorFile } from './case.mjs'
import { sha256, fields } from '../formats/bytes.mjs'

const words = writeWords(seeded('words', 16))
const list = words.split(' ')
const put = (index, word) => list.with(index, word).join(' ')
const otherChecksum = put(11, wordList[(wordList.indexOf(list[11]) & ~15) | ((wordList.indexOf(list[11]) + 1) & 15)])
const fullWidth = text => text.replace(/[a-z]/g, letter => String.fromCharCode(letter.charCodeAt(0) + 0xfee0))

const wordsFile = vectorFile('words.json', {
  about: 'typed, meant as words, gives the canonical words. An unknown word is named by its position, from 1.',
  spec: 'key-hierarchy.md',
  run: ({ typed }) => ({ words: readWords(typed) }),
  cases: [
    ok('canonical', 'canonical words stay as they are', { typed: words }),
    ok('lowest', 'sixteen zero bytes', { typed: writeWords(Buffer.alloc(16)) }),
    ok('highest', 'sixteen bytes of 0xff', { typed: writeWords(Buffer.alloc(16, 0xff)) }),
    ok('capitals', 'ASCII capitals are small letters', { typed: words.toUpperCase() }),
    ok('white space', 'tabs, line ends and several blanks, also at both ends, are one blank', { typed: ` \t${list.slice(0, 6).join('\t ')}\r\n${list.slice(6).join('  ')}\n` }),
    ok('no-break spaces', 'a no-break space is a blank in NFKC', { typed: list.join('\u00a0') }),
    ok('full width', 'full-width letters are letters in NFKC', { typed: fullWidth(words) }),
    refused('eleven words', 'the number of words is twelve', 'count', { typed: list.slice(0, 11).join(' ') }),
    refused('thirteen words', 'the number of words is twelve', 'count', { typed: `${words} ${list[0]}` }),
    refused('none', 'nothing is not twelve words', 'count', { typed: ' ' }),
    refused('unknown first word', 'a word that is not on the list is named by its position', 'word', { typed: put(0, 'abandom') }, { position: 1 }),
    refused('unknown seventh word', 'a word that is not on the list is named by its position', 'word', { typed: put(6, 'keyladder') }, { position: 7 }),
    refused('unknown last word', 'a word that is not on the list is named by its position', 'word', { typed: put(11, 'zoos') }, { position: 12 }),
    refused('two unknown words', 'the first of them is named', 'word', { typed: list.with(2, 'xx').with(8, 'yy').join(' ') }, { position: 3 }),
    refused('word cut to four letters', 'the first four letters of a word are not the word', 'word', { typed: put(4, wordList.find(word => word.length > 6).slice(0, 4)) }, { position: 5 }),
    refused('checksum', 'the last word carries four bits of checksum', 'checksum', { typed: otherChecksum }),
    refused('two words swapped', 'the order counts', 'checksum', { typed: list.with(0, list[1]).with(1, list[0]).join(' ') }),
  ],
})

const shape = 'a b c d e f g h i j k l'
const formsFile = vectorFile('forms.json', {
  about: 'typed is read as words or as a passphrase.',
  spec: 'key-hierarchy.md',
  run: ({ typed }) => ({ form: hasShapeOfWords(typed) ? 'words' : 'passphrase' }),
  cases: [
    ok('words', 'twelve words are words', { typed: words }),
    ok('words in capitals', 'so are capitals', { typed: words.toUpperCase() }),
    ok('words over lines', 'white space is U+0020 and U+0009 to U+000D', { typed: `\t${list.slice(0, 4).join('\v')}\r\n${list.slice(4).join('\f')}\n` }),
    ok('words in full width', 'the shape is that of the NFKC form', { typed: fullWidth(words) }),
    ok('unknown words', 'the list is not asked', { typed: shape }),
    ok('wrong checksum', 'the checksum is not asked', { typed: otherChecksum }),
    ok('eleven runs', 'eleven runs of letters are a passphrase', { typed: shape.slice(2) }),
    ok('thirteen runs', 'thirteen runs of letters are a passphrase', { typed: `${shape} m` }),
    ok('a digit', 'a run with a digit is no word', { typed: `${shape}1` }),
    ok('commas', 'commas are not white space', { typed: shape.replaceAll(' ', ', ') }),
    ok('an umlaut', 'a letter beyond ASCII is none of these letters', { typed: shape.replace('a', '\u00e4') }),
    ok('line separators', 'U+2028 is no white space here', { typed: shape.replaceAll(' ', '\u2028') }),
    ok('a passphrase', 'everything else is a passphrase', { typed: 'correct horse battery staple' }),
    ok('nothing', 'even nothing', { typed: '' }),
  ],
})

const secret = seeded('secret-key')
const code = writeSecretKey(secret)
const body = code.slice(4)
const put1 = (index, symbol) => `KL1-${body.slice(0, index)}${symbol}${body.slice(index + 1)}`
const lookAlikes = writeSecretKey(seeded('secret-key/look-alikes'))

const secretKeysFile = vectorFile('secret-keys.json', {
  about: 'typed, read as a Secret Key, gives secret, which is written as code.',
  spec: 'key-hierarchy.md',
  run: ({ typed }) => {
    const read = readSecretKey(typed)
    return { secret: h(read), code: writeSecretKey(read) }
  },
  cases: [
    ok('as written', 'the form that is written is read', { typed: code }),
    ok('zeros', 'thirty-two zero bytes', { typed: writeSecretKey(Buffer.alloc(32)) }),
    ok('ones', 'thirty-two bytes of 0xff', { typed: writeSecretKey(Buffer.alloc(32, 0xff)) }),
    ok('small letters', 'case does not matter', { typed: code.toLowerCase() }),
    ok('no hyphens', 'hyphens do not matter', { typed: code.replaceAll('-', '') }),
    ok('hyphens elsewhere', 'nor does where they stand', { typed: code.replaceAll('-', '').match(/.{1,4}/g).join('-') }),
    ok('white space', 'white space does not matter', { typed: `\t${code.replaceAll('-', ' ')}\r\n` }),
    ok('O for 0', 'O is read as 0', { typed: `KL1-${lookAlikes.slice(4).replaceAll('0', 'O')}` }),
    ok('I for 1', 'I is read as 1', { typed: `KL1-${lookAlikes.slice(4).replaceAll('1', 'I')}` }),
    ok('L for 1', 'L is read as 1', { typed: `KL1-${lookAlikes.slice(4).replaceAll('1', 'L')}` }),
    ok('small look-alikes', 'small letters o, i and l as well', { typed: `kl1-${lookAlikes.slice(4).replaceAll('0', 'o').replace('1', 'i').replaceAll('1', 'l').toLowerCase()}` }),
    refused('other symbol at the start', 'one wrong symbol is found', 'checksum', { typed: put1(0, body[0] === 'Z' ? 'Y' : 'Z') }),
    refused('other symbol in the check', 'one wrong symbol is found in the check itself', 'checksum', { typed: put1(body.length - 1, body.at(-1) === 'Z' ? 'Y' : 'Z') }),
    refused('two symbols swapped', 'the order of symbols counts', 'checksum', { typed: `KL1-${body[1]}${body[0]}${body.slice(2)}` }),
    refused('check of the bare secret', 'the check is over fields with their label', 'checksum', { typed: writeSecretKey(secret, sha256(secret).subarray(0, 3)) }),
    refused('check of another label', 'the check is over this label', 'checksum', { typed: writeSecretKey(secret, sha256(fields('keystore/v1/passphrase-salt', secret)).subarray(0, 3)) }),
    refused('letter U', 'U is no symbol', 'symbol', { typed: put1(3, 'U') }),
    refused('exclamation mark', '! is no symbol', 'symbol', { typed: put1(20, '!') }),
    refused('long s', 'a letter that turns into S as a capital elsewhere is no symbol', 'symbol', { typed: put1(20, '\u017f') }),
    refused('full-width digit', 'a full-width digit is no symbol', 'symbol', { typed: put1(20, '\uff11') }),
    refused('symbol missing', 'there are 56 symbols', 'length', { typed: code.slice(0, -1) }),
    refused('symbol too many', 'there are 56 symbols', 'length', { typed: `${code}0` }),
    refused('nothing behind KL1', 'there are 56 symbols', 'length', { typed: 'KL1-' }),
    refused('version 2', 'another version is another format', 'prefix', { typed: code.replace('KL1', 'KL2') }),
    refused('no version', 'the version belongs to the code', 'prefix', { typed: body }),
    refused('look-alike in KL1', 'look-alikes are read in the symbols only', 'prefix', { typed: code.replace('KL1', 'KLI') }),
    refused('nothing', 'nothing is no code', 'prefix', { typed: '' }),
  ],
})

const utf16 = text => [...Array(text.length).keys()].map(index => text.charCodeAt(index).toString(16).padStart(4, '0')).join('')
const passphrasesFile = vectorFile('passphrases.json', {
  about: 'typed gives the canonical passphrase. Where typed is no Unicode text, typedUtf16 has its UTF-16 code units in hex.',
  spec: 'key-hierarchy.md',
  run: ({ typed, typedUtf16 }) => ({
    canonical: readPassphrase(typed ?? typedUtf16.match(/.{4}/g).map(unit => String.fromCharCode(parseInt(unit, 16))).join('')),
  }),
  cases: [
    ok('ASCII', 'ASCII stays as it is', { typed: 'Correct Horse, battery staple!' }),
    ok('composed', 'NFC: the same canonical form as "decomposed"', { typed: 'caf\u00e9 cr\u00e8me' }),
    ok('decomposed', 'NFD: the same canonical form as "composed"', { typed: 'cafe\u0301 cre\u0300me' }),
    ok('ligature', 'the ligature fi is f and i', { typed: '\ufb01ne \ufb01sh' }),
    ok('full width', 'full-width letters and blanks are the plain ones', { typed: '\uff30\uff41\uff53\uff53\u3000\uff11\uff12\uff13' }),
    ok('Hangul', 'jamo are composed', { typed: '\u1112\u1161\u11ab\u1100\u1173\u11af \u110b\u1161\u11b7\u1112\u1169 1234' }),
    ok('order of marks', 'combining marks come into their canonical order', { typed: 'q\u0307\u0323 q\u0323\u0307 1234' }),
    ok('blanks at the ends', 'blanks at both ends are dropped', { typed: '  eight ch  ' }),
    ok('blanks inside', 'blanks inside are kept, all of them', { typed: 'eight   ch' }),
    ok('no-break space at the end', 'what NFKC turns into a blank is dropped like one', { typed: '\u00a0eight ch\u2003' }),
    ok('diaeresis at the start', 'NFKC comes first, and turns a spacing diaeresis into a blank and a mark', { typed: '\u00a8eight ch' }),
    ok('small and capital', 'case is kept', { typed: 'PaSsWoRd' }),
    ok('final sigma', 'no case folding', { typed: '\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2' + '!' }),
    ok('emoji', 'characters beyond the first plane, joined by U+200D', { typed: '\ud83d\udc69\u200d\ud83d\ude80 to the moon' }),
    ok('private use', 'private use is not unassigned', { typed: 'private \ue000' }),
    ok('line separator', 'U+2028 is no control character', { typed: 'two\u2028lines' }),
    ok('eight code points', 'the shortest', { typed: '12345678' }),
    ok('eight code points beyond the first plane', 'code points are counted, not code units', { typed: '\ud83d\udd11'.repeat(8) }),
    ok('eight through a ligature', 'the canonical form is counted: six typed, eight meant', { typed: 'o\ufb03cers' }),
    ok('longest', '1,024 code points', { typed: '\ud83d\udd11'.repeat(1024) }),
    ok('longest with blanks around', 'what is dropped does not count', { typed: ` ${'x'.repeat(1024)} ` }),
    ok('twelve runs with a digit', 'not the shape of words', { typed: `${shape}1` }),
    ok('eleven words', 'not the shape of words', { typed: list.slice(0, 11).join(' ') }),
    ok('thirteen words', 'not the shape of words', { typed: `${words} ${list[0]}` }),
    refused('seven code points', 'too short', 'length', { typed: '1234567' }),
    refused('seven code points beyond the first plane', 'code points are counted, not code units', 'length', { typed: '\ud83d\udd11'.repeat(7) }),
    refused('seven with blanks around', 'what is dropped does not count', 'length', { typed: '  1234567  ' }),
    refused('seven in canonical form', 'the canonical form is counted: eight typed, seven meant', 'length', { typed: '123456e\u0301' }),
    refused('nothing', 'too short', 'length', { typed: '' }),
    refused('too long', '1,025 code points', 'length', { typed: 'x'.repeat(1025) }),
    refused('too long in canonical form', 'U+FDFA is eighteen characters in NFKC', 'length', { typed: '\ufdfa'.repeat(57) }),
    refused('NUL', 'U+0000 is a control character', 'control-character', { typed: 'eight ch\u0000' }),
    refused('tab', 'U+0009 is a control character', 'control-character', { typed: 'eight\tchars' }),
    refused('newline at the end', 'a newline is not a blank', 'control-character', { typed: 'eight chars\n' }),
    refused('delete', 'U+007F is a control character', 'control-character', { typed: 'eight ch\u007f' }),
    refused('next line', 'U+0085 is a control character', 'control-character', { typed: 'eight ch\u0085' }),
    refused('unassigned', 'U+0378 is unassigned', 'unassigned', { typed: 'eight ch\u0378' }),
    refused('noncharacter', 'U+FFFF is unassigned for ever', 'unassigned', { typed: 'eight ch\uffff' }),
    refused('noncharacter of the last plane', 'U+10FFFE is unassigned for ever', 'unassigned', { typed: 'eight ch\u{10fffe}' }),
    refused('lone high surrogate', 'half a character', 'surrogate', { typedUtf16: utf16('eight ch\ud83d') }),
    refused('lone low surrogate', 'half a character', 'surrogate', { typedUtf16: utf16('\udd11eight ch') }),
    refused('surrogates in the wrong order', 'two halves of no character', 'surrogate', { typedUtf16: utf16('eight \udd11\ud83d ch') }),
    refused('words', 'twelve words are no passphrase', 'shape-of-words', { typed: words }),
    refused('shape of words', 'nor is what only looks like words', 'shape-of-words', { typed: 'The quick brown fox jumps over the lazy dog and runs away' }),
    refused('shape of words in full width', 'the shape is that of the NFKC form', 'shape-of-words', { typed: fullWidth(words) }),
  ],
})

const derived = outputs => Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, h(value)]))
const derivationFile = vectorFile('derivation.json', {
  about: 'words, or passphrase with secretKey (both as typed), or device, the bytes of a device secret, give what is derived from them. All outputs in hex.',
  spec: 'key-hierarchy.md',
  run: ({ words, passphrase, secretKey, device }) =>
    derived(device !== undefined ? derivationOfDevice(Buffer.from(device, 'hex')) : words === undefined ? derivationOfPassphrase(readPassphrase(passphrase), readSecretKey(secretKey)) : derivationOfWords(readWords(words))),
  cases: [
    ok('words', 'derived from words', { words }),
    ok('words as typed', 'derived from the canonical form: the same as "words"', { words: ` ${words.toUpperCase()}\n` }),
    ok('other words', 'other words, other keys', { words: writeWords(flip(seeded('words', 16), 15, 7)) }),
    ok('passphrase', 'derived from passphrase and Secret Key', { passphrase: 'caf\u00e9 cr\u00e8me', secretKey: code }),
    ok('passphrase as typed', 'derived from the canonical forms: the same as "passphrase"', { passphrase: ' cafe\u0301 cre\u0300me', secretKey: code.toLowerCase() }),
    ok('other Secret Key', 'the Secret Key changes everything, the salt too', { passphrase: 'caf\u00e9 cr\u00e8me', secretKey: lookAlikes }),
    ok('other passphrase', 'the passphrase changes everything but the salt', { passphrase: 'caf\u00e9 creme', secretKey: code }),
    ok('device', 'derived from the secret of a device, without a KDF', { device: h(seeded('device-secret')) }),
    ok('other device', 'one bit changes everything', { device: h(flip(seeded('device-secret'), 31, 0)) }),
    ok('device with the bytes of a Secret Key', 'the same bytes in another role give other keys', { device: h(secret) }),
    refused('device, a byte short', 'a device secret has 32 bytes', 'length', { device: h(seeded('device-secret').subarray(1)) }),
    refused('device, a byte long', 'a device secret has 32 bytes', 'length', { device: h(Buffer.concat([seeded('device-secret'), Buffer.alloc(1)])) }),
  ],
})

export default [wordsFile, formsFile, secretKeysFile, passphrasesFile, derivationFile]
