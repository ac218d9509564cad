/*
 * git_sign.c - signatures, by the same programs as Git: gpg, gpgsm or ssh-keygen.
 *
 * The signer is the only process that portmig starts. Which program it is comes from the user's or
 * the system's configuration; a repository may ask for signatures but cannot name a program.
 */
#include "git_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SIGN_SECONDS = 120, SIGNATURE_MAX = 1 << 20 };

bool pm_git_wants_signature(struct pm_repo *r)
{
	git_config *cfg = NULL;
	int wants = 0;

	if (git_repository_config_snapshot(&cfg, r->git) == 0 &&
	    git_config_get_bool(&wants, cfg, "commit.gpgsign") < 0)
		wants = 0;
	git_config_free(cfg);
	return wants;
}

/* A value of the user's or system's configuration, most specific first. */
static bool trusted(git_config *cfg, const char *key, struct pm_buf *out)
{
	static const git_config_level_t levels[] = {
		GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_SYSTEM,
		GIT_CONFIG_LEVEL_PROGRAMDATA,
	};
	bool found = false;

	for (size_t i = 0; !found && i < sizeof(levels) / sizeof(*levels); i++) {
		git_config *one = NULL;
		git_buf value = { 0 };

		if (git_config_open_level(&one, cfg, levels[i]) == 0 &&
		    git_config_get_string_buf(&value, one, key) == 0 && value.ptr && *value.ptr) {
			pm_buf_clear(out);
			pm_buf_adds(out, value.ptr);
			found = true;
		}
		git_buf_dispose(&value);
		git_config_free(one);
	}
	return found;
}

static int cannot_sign(struct pm_err *err, const char *why)
{
	pm_err_set(err, PM_E_REFUSED, PM_NOWHERE,
		   "cannot sign the commit (commit.gpgsign is set): %s", why);
	return pm_err_hint(err, "set gpg.program and user.signingKey in your global "
			   "configuration, or git config commit.gpgsign false");
}

struct signer {
	struct pm_buf program, key;
	const char *argv[10];
};

static int plan_signer(struct pm_repo *r, const struct pm_ident *who, struct signer *s,
		       struct pm_err *err)
{
	static const struct { const char *format, *key, *program; } known[] = {
		{ "openpgp", "gpg.openpgp.program", "gpg" },
		{ "x509", "gpg.x509.program", "gpgsm" },
		{ "ssh", "gpg.ssh.program", "ssh-keygen" },
	};
	PM_CLEAN_BUF struct pm_buf format = { 0 };
	git_config *cfg = NULL;
	size_t i = 0;

	if (git_repository_config(&cfg, r->git) < 0)
		return cannot_sign(err, pm_git_message());
	if (!trusted(cfg, "gpg.format", &format))
		pm_buf_adds(&format, "openpgp");
	while (i < 3 && strcmp(known[i].format, pm_buf_str(&format)) != 0)
		i++;
	if (i < 3 && !trusted(cfg, known[i].key, &s->program) &&
	    (i != 0 || !trusted(cfg, "gpg.program", &s->program)))
		pm_buf_adds(&s->program, known[i].program);
	if (!trusted(cfg, "user.signingkey", &s->key) && i != 2)
		pm_buf_addf(&s->key, "%s <%s>", who->name, who->email);
	git_config_free(cfg);
	if (i == 3)
		return cannot_sign(err, "gpg.format is none of openpgp, x509, ssh");
	if (i == 2 && (!s->key.n || strchr(s->key.v, ' ') || strncmp(s->key.v, "key::", 5) == 0))
		return cannot_sign(err, "user.signingKey must name a key file");
	if (i == 2)
		memcpy(s->argv, (const char *[]){ s->program.v, "-Y", "sign", "-n", "git", "-f",
						  s->key.v, NULL }, 8 * sizeof(char *));
	else
		memcpy(s->argv, (const char *[]){ s->program.v, "--status-fd=2", "-bsau", s->key.v,
						  NULL }, 5 * sizeof(char *));
	return 0;
}

/* Start the signer with its standard input and output on pipes. */
static int start(const struct signer *s, pid_t *pid, int *to, int *from)
{
	posix_spawn_file_actions_t act;
	int in[2], out[2], rc;

	if (pipe2(in, O_CLOEXEC) < 0)
		return errno;
	if (pipe2(out, O_CLOEXEC) < 0) {
		rc = errno;
		close(in[0]);
		close(in[1]);
		return rc;
	}
	posix_spawn_file_actions_init(&act);
	posix_spawn_file_actions_adddup2(&act, in[0], 0);
	posix_spawn_file_actions_adddup2(&act, out[1], 1);
	rc = posix_spawnp(pid, s->argv[0], &act, NULL, (char *const *)(uintptr_t)s->argv, environ);
	posix_spawn_file_actions_destroy(&act);
	close(in[0]);
	close(out[1]);
	*to = in[1];
	*from = out[0];
	if (rc) {
		close(in[1]);
		close(out[0]);
	}
	return rc;
}

/* Feed the text and collect what comes back; false on a time-out or too much output. */
static bool talk(int *to, int from, struct pm_str text, struct pm_buf *out)
{
	const time_t end = time(NULL) + SIGN_SECONDS;
	char chunk[4096];

	fcntl(*to, F_SETFL, O_NONBLOCK);
	while (time(NULL) < end && out->n <= SIGNATURE_MAX) {
		struct pollfd p[2] = { { .fd = from, .events = POLLIN },
				       { .fd = *to, .events = POLLOUT } };
		ssize_t n;

		if (poll(p, *to >= 0 ? 2 : 1, 1000) < 0 && errno != EINTR)
			return false;
		if (*to >= 0 && p[1].revents) {
			n = write(*to, text.p, text.n);
			if (n > 0) {
				text.p += n;
				text.n -= (size_t)n;
			}
			if (!text.n || (n < 0 && errno != EAGAIN && errno != EINTR)) {
				close(*to);
				*to = -1;
			}
		}
		if (p[0].revents) {
			n = read(from, chunk, sizeof(chunk));
			if (n == 0)
				return true;
			if (n > 0)
				pm_buf_add(out, chunk, (size_t)n);
		}
	}
	return false;
}

int pm_git_sign(struct pm_repo *r, const struct pm_ident *committer, struct pm_str text,
		struct pm_buf *signature, struct pm_err *err)
{
	struct signer s = { 0 };
	struct sigaction ignore = { .sa_handler = SIG_IGN }, old;
	int to = -1, from = -1, status = 0, rc = plan_signer(r, committer, &s, err), why;
	bool done;
	pid_t pid;

	if (rc < 0)
		goto out;
	why = start(&s, &pid, &to, &from);
	if (why) {
		rc = cannot_sign(err, strerror(why));
		goto out;
	}
	/* a signer that ends early must not end us */
	sigaction(SIGPIPE, &ignore, &old);
	done = talk(&to, from, text, signature);
	sigaction(SIGPIPE, &old, NULL);
	if (to >= 0)
		close(to);
	close(from);
	if (!done)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!done)
		rc = cannot_sign(err, "the signing program did not end in time");
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || !signature->n ||
		 strncmp(signature->v, "-----BEGIN ", 11) != 0)
		rc = cannot_sign(err, "the signing program failed");
	/* libgit2 would make the last newline an empty line of the header */
	while (rc == 0 && signature->n && signature->v[signature->n - 1] == '\n')
		signature->v[--signature->n] = '\0';
out:
	pm_buf_release(&s.program);
	pm_buf_release(&s.key);
	return rc;
}
