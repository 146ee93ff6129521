"""Every block, action and callback id in one place: what the builders write is what the listeners read."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """`action_id`s of buttons and selects, and the input elements that dispatch."""

    # the owner's message
    UPDATE_ITEM = "update_item"  # value: an item
    CHOOSE_ITEM = "choose_item"  # a select of items
    UPDATE_ALL = "update_all"
    NOTHING_CHANGED = "nothing_changed"
    RISKS = "risks"
    BUDGET = "budget"
    HAND_OVER = "hand_over"  # value: a quarter
    LEND = "lend"  # value: a quarter
    TAKE_BACK_LENT = "take_back_lent"  # value: the request's number
    DECLINE_LENT = "decline_lent"  # the same
    # an offer of a milestone, and what its manager can do about one
    ACCEPT_HANDOVER = "accept_handover"  # value: the offer's number
    DECLINE_HANDOVER = "decline_handover"
    REASSIGN = "reassign"  # value: an item; in the digest too
    # inside "People and dates"
    MANAGE_ITEM = "manage_item"  # an overflow menu; value: what to do, and to which milestone
    PAUSE = "pause"  # value: a project
    RESUME = "resume"
    SNOOZE = "snooze"  # a select of moments
    # inside the milestone dialog
    STATUS = "status"
    ADD_OBJECTIVE = "add_objective"
    ADD_DECISION = "add_decision"
    ADD_RISK = "add_risk"
    ADD_EVIDENCE = "add_evidence"
    LAST_WORDS = "last_words"
    USE_TRACKER = "use_tracker"
    START_OVER = "start_over"  # in a dialog that opened where it was left
    SKIP = "skip"  # in a dialog of "Update all": the next one
    STEP_BACK = "step_back"  # the one before
    # inside the risks list
    RISK_KEEP = "risk_keep"
    RISK_CHANGE = "risk_change"
    RISK_CLOSE = "risk_close"
    RISK_NEW = "risk_new"
    # inside the review
    NUDGE_ALL = "nudge_all"
    CHECK_NOTE = "check_note"  # value: the check's id
    SHOW_UPDATES = "show_updates"  # the same
    PREVIEW = "preview"
    RETURN_TO_OWNER = "return_to_owner"
    READ_UPDATES = "read_updates"
    READ_ITEM = "read_item"  # an overflow menu there; value: what to do, and to which milestone
    LATE_TAKE = "late_take"  # value: one version of an answer after publication
    LATE_LEAVE = "late_leave"  # the same
    LATE_TAKE_ALL = "late_take_all"
    # inside the review of the portfolio
    PORTFOLIO_PREVIEW = "portfolio_preview"  # value: a quarter
    # Home, and the views that it opens
    TURN_BACK = "turn_back"  # value: the page to show; the block is called like the list
    TURN_ON = "turn_on"  # the same
    GO_TO_PAGE = "go_to_page"  # a select of the same
    HIDE_GREETING = "hide_greeting"
    CHANGE_HOURS = "change_hours"
    COMPILE = "compile"  # value: a project
    PAST_ANSWERS = "past_answers"
    CHOOSE_PAST = "choose_past"  # a select of quarters and items
    # an admin's home
    COMPILE_ALL = "compile_all"  # value: a quarter
    AUDIT_TRAIL = "audit_trail"
    STOP_SENDING = "stop_sending"
    RESUME_SENDING = "resume_sending"
    # the digest
    NUDGE_ONE = "nudge_one"  # value: an item
    EXCUSE = "excuse"  # the same
    MANAGE = "manage"  # value: a project
    SHOW_LEDGER = "show_ledger"  # value: a quarter
    # the post
    FULL_REPORT = "full_report"
    ASK_QUESTION = "ask_question"
    ACKNOWLEDGE = "acknowledge"
    ANSWER_QUESTION = "answer_question"  # value: a question's number
    # a decision in the thread; value: the decision
    APPROVE = "approve"
    DECLINE_DECISION = "decline_decision"
    NEED_MORE = "need_more"
    TAKE_BACK = "take_back"
    # a post that Slack did not confirm
    POST_IS_THERE = "post_is_there"
    POST_AGAIN = "post_again"
    # setting up, from Home
    NEW_PROJECT = "new_project"
    EDIT_PROJECT = "edit_project"  # value: a project's key
    MILESTONES = "milestones"  # value: a project's key; or a select of them
    ADD_MILESTONE = "add_milestone"
    PLAN_ITEM = "plan_item"  # an overflow menu; value: what to do, and to which milestone
    # a plan file that was dropped to the bot
    LOAD_FILE = "load_file"  # value: the fingerprint of what was shown, and the message's key
    CANCEL_FILE = "cancel_file"  # the same
    # every plain input
    INPUT = "input"


class Shortcut(StrEnum):
    """`callback_id`s of the app's shortcuts."""

    UPDATE = "update_my_milestones"  # global
    ADD_MESSAGE = "add_message_to_update"  # on a message


class View(StrEnum):
    """`callback_id`s of views."""

    MILESTONE = "milestone"
    RISKS = "risks"
    RISK = "risk"
    RESOURCES = "resources"
    CHOOSE_PROJECT = "choose_project"
    REVIEW = "review"
    CHECK_NOTE = "check_note"
    RETURN_TO_OWNER = "return_to_owner"
    READ_UPDATES = "read_updates"
    EDIT_WORDING = "edit_wording"
    CONFIRM = "confirm"
    PORTFOLIO_REVIEW = "portfolio_review"
    PORTFOLIO_CONFIRM = "portfolio_confirm"
    LOADING = "loading"
    FULL_REPORT = "full_report"
    ASK_QUESTION = "ask_question"
    ANSWER_QUESTION = "answer_question"
    RULING = "ruling"
    POST_LINK = "post_link"
    HAND_OVER = "hand_over"
    LEND = "lend"
    MANAGE = "manage"
    EXCUSE = "excuse"
    MORE_TIME = "more_time"
    REASSIGN = "reassign"
    PAUSE = "pause"
    PROJECT_PLAN = "project_plan"
    MILESTONES = "milestones"
    MILESTONE_PLAN = "milestone_plan"
    DROP_MILESTONE = "drop_milestone"
    MESSAGE = "message"  # says something and is closed
    HOURS = "hours"
    HOME = "home"
    PAST_ANSWERS = "past_answers"
    AUDIT_TRAIL = "audit_trail"
    PICK_ITEM = "pick_item"
