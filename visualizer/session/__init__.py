"""What the user is doing: request and history, open networks, jobs, messages. Knows no ImGui."""
