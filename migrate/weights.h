/*
 * weights.h - how much each kind of evidence counts, and how much is enough. One row each: name,
 * value, and the reason for the value in words. docs/attribution.md has the same table and says
 * how scores are made of it; a test compares the two.
 *
 * The values are set by hand from these reasons. What orders them: a host name decides alone, and
 * so does the block or variable that holds the value; names beside it need to be whole names;
 * places and paths support.
 */
#ifndef PM_WEIGHTS_H
#define PM_WEIGHTS_H

#include <stddef.h>

#define PM_WEIGHTS(X)                                                                            \
	X(config, 200, "portmig.yaml names the owner of the path: more than a place can say")    \
	X(host, 100, "the address is the service's own host name: nothing nearer exists")        \
	X(unknown_host, 90, "a host name that is nobody's we know is somebody else's")           \
	X(public_host, 60, "a name with dots may be routed to the service after all")            \
	X(block, 85, "the format itself puts the value into this service's block")               \
	X(block_outer, 75, "the same, one block farther out")                                    \
	X(block_key, 65, "a block of another format carries the service's very name as its key") \
	X(block_url_percent, 40, "per cent of it for an address in a block: a client's, often")  \
	X(ident_full, 90, "the variable that holds the value has the service's whole name")      \
	X(ident_core, 70, "the same by the one word that is its own")                            \
	X(ident_role, 55, "the same by its role alone, within its project")                      \
	X(ident_part, 50, "all words of the variable are words of the service's name")           \
	X(ident_other, 80, "the variable has the name of another service")                       \
	X(ident_unknown, 60, "the variable names somebody we do not know")                       \
	X(ident_own, 30, "the same in a program's own variable: pages are called so, too")        \
	X(ident_conflict, 50, "the variable has another role: API_URL while the web moves")      \
	X(full_joined, 75, "whole name on the line, written as an identifier or a title")        \
	X(full, 65, "whole name on the line, in prose")                                          \
	X(core_label, 55, "its own word on the line, as a title")                                \
	X(core, 35, "its own word on the line, in prose: may be an ordinary word")               \
	X(role_label, 50, "its role on the line, as a title")                                    \
	X(role, 28, "its role on the line, in prose: 'web' and 'api' are ordinary words")        \
	X(row_unknown, 45, "the row of the table is headed by a name we do not know")            \
	X(dir_declares, 70, "declared in the service's own directory: its own setting")          \
	X(dir, 55, "documents and scripts in its directory speak of it")                         \
	X(dir_caller, 35, "addresses in its directory may be those of others it calls")          \
	X(other_dir_declares, 70, "declared in another's directory: the other's setting")        \
	X(other_dir, 30, "an address in another's directory: it calls somebody")                 \
	X(other_dir_doc, 50, "a document in another's directory: speaks of that one")             \
	X(package_dir, 20, "in the directory of a package that runs nowhere")                    \
	X(cd_dir, 45, "commands after 'cd' to its directory speak to what was started there")      \
	X(path_full, 55, "the file has the service's whole name")                                \
	X(path_core, 45, "the file has the word that is its own")                                \
	X(path_role, 35, "the file has its role")                                                \
	X(path_declares, 20, "added to these where the file declares the port")                  \
	X(scheme, 60, "the protocol of the address is the service's: redis://")                  \
	X(browser, 35, "a browser opens the address: a front end's, but which one's?")           \
	X(url_path, 45, "the path behind the port begins with the service's name")               \
	X(number_most, 52, "95 % of the clear uses of the number are its: enough alone")         \
	X(number_much, 45, "88 % of them: not enough alone")                                     \
	X(number_many, 30, "80 % of them: supports")                                             \
	X(number_maybe, 40, "at most this where only words make it a port and uses are few")     \
	X(number_tie, 85, "88 % of them, and two names on the line: breaks the tie")             \
	X(number_only, 40, "the only clear use of the number is its")                             \
	X(number_published, 62, "an address of the machine, and only it publishes the number")   \
	X(number_published_doubt, 48, "the same, though words around name somebody")             \
	X(number_listens, 56, "the same, and only it listens on the number outside of containers") \
	X(number_own, 32, "in its directory, and it clearly uses the number elsewhere")          \
	X(number_doubt, 46, "a quarter of them, an unknown name and localhost: worth asking")    \
	X(number_others, 52, "90 % of them are others', and nobody is named")                    \
	X(number_others_many, 35, "65 % of them are others', and nobody is named")               \
	X(apply, 50, "score that is enough to edit unread")                                      \
	X(apply_margin, 15, "and by how much it must lead the next party")                       \
	X(ask, 25, "score that is enough to bother a person")                                    \
	X(strong, 50, "score of a clear use, one that counts for others")                        \
	X(strong_margin, 25, "and by how much it must lead")

struct pm_weights {
#define PM_WEIGHT_FIELD(name, value, why) int name;
	PM_WEIGHTS(PM_WEIGHT_FIELD)
#undef PM_WEIGHT_FIELD
};
extern const struct pm_weights pm_weights;

struct pm_weight { const char *name; int value; const char *why; };
/* The rows in order; NULL past the end. */
const struct pm_weight *pm_weight_at(size_t i);

#endif
