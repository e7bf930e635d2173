/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HF_CLI_COMMANDS_H
#define HF_CLI_COMMANDS_H

/**
 * @file commands.h
 * The commands of `hilfarm`, each in its command_NAME.c. A command gets its own argument vector (argv[0] = its
 * name) and returns the program's exit status.
 */

int hf_command_run(int argc, char **argv);
int hf_command_attach(int argc, char **argv);
int hf_command_cancel(int argc, char **argv);
int hf_command_queue(int argc, char **argv);
int hf_command_dashboard(int argc, char **argv);
int hf_command_analyze(int argc, char **argv);
int hf_command_evaluate(int argc, char **argv);
int hf_command_train(int argc, char **argv);
int hf_command_optimize(int argc, char **argv);
int hf_command_report(int argc, char **argv);
int hf_command_compare(int argc, char **argv);
int hf_command_export(int argc, char **argv);
int hf_command_validate(int argc, char **argv);
int hf_command_import_check(int argc, char **argv);
int hf_command_transcript(int argc, char **argv);
int hf_command_runs(int argc, char **argv);
int hf_command_tag(int argc, char **argv);
int hf_command_prune(int argc, char **argv);
int hf_command_boards(int argc, char **argv);
int hf_command_reserve(int argc, char **argv); /**< `boards reserve` */
int hf_command_release(int argc, char **argv); /**< `boards release` */
int hf_command_console(int argc, char **argv);
int hf_command_doctor(int argc, char **argv);
int hf_command_agent(int argc, char **argv);

#endif
