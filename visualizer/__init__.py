"""The window: the only package that knows GLFW, OpenGL and Dear ImGui."""
