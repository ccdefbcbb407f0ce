/** Where a push can carry a secret. Each script runs in a clone of `app`, on a new branch, with the secret in `$secret`. */

import { awsKeyId } from './secrets.ts';

export interface HidingPlace {
  readonly name: string;
  readonly script: string;
  /** What the rejection must name besides the rule. */
  readonly names: RegExp;
  /** Makes the secret; a token of GitHub's unless given. */
  readonly secret?: () => string;
  /** The rule that finds it; `github-pat` unless given. */
  readonly rule?: string;
  /** The pushed refspec; the branch `work` unless given. */
  readonly refspec?: string;
}

const commit = 'git add -A && git commit -q -m work';

/** Commits the tree of HEAD with one more entry (git-mktree(1)), which no working tree could have. */
const withEntry = (entry: string, below = '.', parents = ''): string =>
  `entry=$(printf "${entry}")
  if [ ${below} = . ]; then tree=$( (git ls-tree HEAD; echo "$entry") | git mktree --missing)
  else tree=$( (git ls-tree HEAD; printf "040000 tree $(echo "$entry" | git mktree --missing)\t${below}\n") | git mktree); fi
  git reset -q --soft $(git commit-tree -m work -p HEAD ${parents} $tree)`;

export const HIDING_PLACES: readonly HidingPlace[] = [
  {
    name: 'a file',
    script: `mkdir src; echo "key = $secret" >src/a.txt; ${commit}`,
    names: /src\/a\.txt line 1, commit [0-9a-f]{12}/,
  },
  {
    name: 'a file that a later commit deletes',
    script: `echo $secret >a.txt; ${commit}; git rm -q a.txt; git commit -q -m clean`,
    names: /a\.txt line 1/,
  },
  { name: 'a commit message', script: 'git commit -q --allow-empty -m "use $secret"', names: /the commit object/ },
  {
    name: "an author's name",
    script: 'GIT_AUTHOR_NAME=$secret git commit -q --allow-empty -m work',
    names: /the commit object/,
  },
  {
    name: 'a commit header that git does not know',
    script: `git commit -q --allow-empty -m work
      id=$(git cat-file commit HEAD | sed "s/^committer .*/&\\nx-note $secret/" | git hash-object -t commit -w --stdin)
      git reset -q --hard $id`,
    names: /the commit object/,
  },
  {
    name: 'the name of a file',
    script: `echo x >"$secret"; ${commit}`,
    names: /the name of a file or directory \(name withheld\)/,
  },
  {
    name: 'the name of a directory, beside a secret in its file',
    script: `mkdir "$secret"; echo $secret >"$secret/f"; ${commit}`,
    names: /\(name withheld\) line 1, commit/,
  },
  {
    name: 'the name of an empty directory',
    script: withEntry('040000 tree $(git hash-object -w -t tree /dev/null)\t$secret'),
    names: /the name of a file or directory \(name withheld\), commit [0-9a-f]{12}/,
  },
  {
    name: 'the name of an empty directory that a merge commit alone brings, below another directory',
    script: `git checkout -q -b side; echo s >s; ${commit}; git checkout -q work; echo w >w; ${commit}
      ${withEntry('040000 tree $(git hash-object -w -t tree /dev/null)\t$secret', 'docs', '-p side')}`,
    names: /the name of a file or directory \(name withheld\), commit [0-9a-f]{12}/,
  },
  {
    name: 'the commit id of a submodule, which is no commit',
    secret: awsKeyId,
    rule: 'aws-access-token',
    script: withEntry('160000 commit $(printf %s $secret | od -An -v -tx1 | tr -d " \\n")\tsub'),
    names: /the commit id of the submodule sub, commit [0-9a-f]{12}/,
  },
  {
    name: 'a word that a letter makes of it',
    secret: awsKeyId,
    rule: 'AWS Access ID',
    script: `printf 'a\nx%sx\n' $secret >f; ${commit}`,
    names: /in f line 2, commit/,
  },
  {
    name: 'a name that a letter makes of it',
    secret: awsKeyId,
    rule: 'AWS Access ID',
    script: `echo x >key_$secret; ${commit}`,
    names: /the name of a file or directory \(name withheld\)/,
  },
  {
    name: 'the name of a branch',
    script: 'git commit -q --allow-empty -m work',
    names: /the name of a ref \(name withheld\)/,
    refspec: 'HEAD:refs/heads/$secret',
  },
  { name: 'the target of a symbolic link', script: `ln -s /tmp/$secret link; ${commit}`, names: /link line 1/ },
  {
    name: 'a merge commit alone',
    script: `git checkout -q -b side; echo s >side; ${commit}; git checkout -q work; echo w >w; ${commit}
      git merge -q --no-commit side; echo $secret >merged.txt; git add -A; git commit -q -m merge`,
    names: /merged\.txt line 1, commit [0-9a-f]{12}/,
  },
  { name: 'a file with a NUL', script: `printf 'a\\0b %s\\n' $secret >f; ${commit}`, names: /f line 1/ },
  { name: 'UTF-16, little end first', script: `echo $secret | iconv -t UTF-16LE >f; ${commit}`, names: /in f, commit/ },
  {
    name: 'UTF-16 with a mark',
    script: `printf 'é%s\\n' $secret | iconv -f UTF-8 -t UTF-16 >f; ${commit}`,
    names: /in f, commit/,
  },
  {
    name: 'UTF-16, big end first, in a binary',
    script: `(printf '\\1\\2\\3'; echo $secret | iconv -t UTF-16BE) >f; ${commit}`,
    names: /in f, commit/,
  },
  { name: 'UTF-32', script: `echo $secret | iconv -t UTF-32BE >f; ${commit}`, names: /in f, commit/ },
  {
    name: 'what looks like an image',
    script: `(printf '\\211PNG\\r\\n\\032\\n\\0\\0'; echo $secret) >logo.png; ${commit}`,
    names: /logo\.png line 3/,
  },
  {
    name: 'what looks like a program',
    script: `(printf '\\177ELF\\2\\1\\1\\0'; echo $secret) >app; ${commit}`,
    names: /in app line 1/,
  },
  {
    name: 'what looks like an archive',
    script: `(printf 'PK\\3\\4'; echo $secret) >a.zip; ${commit}`,
    names: /a\.zip line 1/,
  },
  {
    name: 'a file that looks like a tar archive to the scanner',
    script: `(head -c 257 /dev/zero | tr '\\0' a; printf 'ustar\\n'; echo $secret) >a; ${commit}`,
    names: /in a line 2/,
  },
  {
    name: 'a lock file',
    script: `mkdir -p node_modules/x; echo $secret >node_modules/x/package-lock.json; ${commit}`,
    names: /package-lock\.json line 1/,
  },
  { name: 'base64', script: `echo "auth: $secret" | base64 -w0 >f; ${commit}`, names: /in f line 1/ },
  {
    name: 'a line that gitleaks is told to allow, under a configuration that allows all',
    script: `printf '[allowlist]\\npaths = [".*"]\\nregexes = [".*"]\\n' >.gitleaks.toml; echo '*' >.gitleaksignore
      echo "$secret # gitleaks:allow" >f; ${commit}`,
    names: /in f line 1/,
  },
  {
    name: 'a vendored folder, beside what its own tools skip',
    script: `mkdir -p vendor/github.com/x dist; n=0
      for f in vendor/github.com/x/modules.txt dist/a.min.js gitleaks.toml go.sum logo.svg poetry.lock; do n=$((n + 1)); echo "$n $secret" >$f; done
      ${commit}`,
    names:
      /(?=.*modules\.txt line 1)(?=.*a\.min\.js line 1)(?=.* gitleaks\.toml line 1)(?=.*go\.sum line 1)(?=.*logo\.svg line 1)(?=.*poetry\.lock line 1)/s,
  },
  {
    name: 'a file whose attributes substitute it on export',
    script: `echo 'f export-subst ident working-tree-encoding=UTF-16LE' >.gitattributes; git add .gitattributes
      git update-index --add --cacheinfo 100644,$(echo "$secret \\$Format:%H$" | git hash-object -w --stdin),f; git commit -q -m work`,
    names: /in f line 1/,
  },
  {
    name: 'UTF-16, big end first, with a mark',
    script: `(printf '\\376\\377'; echo $secret | iconv -t UTF-16BE) >f; ${commit}`,
    names: /in f, commit/,
  },
  {
    name: 'a note',
    script: 'git notes add -m $secret',
    names: /only branches and tags may be pushed/,
    refspec: 'refs/notes/commits',
  },
  {
    name: 'a ref for review',
    script: `echo $secret >f; ${commit}`,
    names: /only branches and tags may be pushed/,
    refspec: 'work:refs/for/main',
  },
  {
    name: 'a file below a tag that may not be pushed',
    script: `echo $secret >f; ${commit}; git tag -a -m note v1; git reset -q --hard HEAD~1`,
    names: /in f line 1, commit [0-9a-f]{12}/,
    refspec: 'v1',
  },
  {
    name: 'a commit between two clean ones, of which a later one undoes it',
    script: `echo a >a; ${commit}; echo $secret >>a; ${commit}; git revert --no-edit HEAD >/dev/null; echo b >b; ${commit}`,
    names: /in a line 2, commit [0-9a-f]{12}/,
  },
  {
    name: 'git attributes that make a file binary and unscanned',
    script: `echo '* binary -diff -text filter=lfs export-ignore' >.gitattributes; echo $secret >f; ${commit}`,
    names: /in f line 1/,
  },
  {
    name: 'one long line, wherever a chunk of the scanner may end',
    script: `pad() { head -c $1 /dev/zero | tr '\\0' .; }
      for at in 65520 99985 124985 125010 190000 1048560; do (pad $at; printf ' %s ' $secret; pad 300000) >f$at; done
      ${commit}`,
    names: /(?=.*f65520)(?=.*f99985)(?=.*f124985)(?=.*f125010)(?=.*f190000)(?=.*f1048560)/s,
  },
];
