"""Given names that are common in English, German, French, Spanish, Italian and other countries."""

_GIVEN = """
Aaron Abigail Adam Adrian Agnes Ahmed Aisha Alan Albert Alejandro Alessandro Alex Alexander
Alexandra Alfred Ali Alice Alicia Alison Alma Amanda Amelia Amir Amy Ana Anastasia Andrea Andreas
Andrew Angela Anita Ann Anna Anne Annette Anthony Antonio Arthur Ashley Astrid Barbara Beatrice
Benjamin Bernard Bernd Beth Bianca Birgit Bjorn Brandon Brenda Brian Brigitte Bruno Camille Carla
Carlos Carmen Carol Caroline Catherine Cecilia Charles Charlotte Chen Christian Christina Christine
Christopher Claire Clara Claudia Claus Colin Connor Cristina Cynthia Daniel Daniela David Deborah
Denise Dennis Diana Diego Dieter Dmitri Dominic Donald Donna Doris Dorothy Douglas Edith Edward
Elena Eleanor Elias Elisabeth Elizabeth Ella Ellen Emil Emilia Emily Emma Enrique Eric Erik Erika
Esther Eva Evelyn Fatima Felicia Felix Ferdinand Fernando Florence Florian Francesca Francesco
Francisco Francois Frederick Friedrich Gabriel Gabriela Gareth Gavin George Georgia Gerald Gerhard
Gertrude Giovanni Giulia Giuseppe Gloria Gordon Greta Gregory Guido Gustav Hannah Hans Harold
Hassan Heather Heidi Heinrich Heinz Helen Helena Helga Henrik Henry Herbert Hermann Hugo Ian Ibrahim
Ingrid Irene Isabel Isabella Ivan Jacob Jacqueline Jacques James Jamie Jan Jane Janet Janine Jason
Javier Jean Jeffrey Jennifer Jeremy Jessica Joan Joanna Johann Johannes John Jonas Jonathan Jorge
Jose Josef Joseph Joshua Juan Judith Julia Julian Juliette Justin Karen Karin Karl Katharina
Katherine Kathleen Katja Kenneth Kevin Kimberly Klaus Kristina Kurt Lars Laura Lauren Lea Lena Leo
Leonard Leonie Liam Linda Lisa Louis Louise Luca Lucas Lucia Lucy Ludwig Luis Lukas Manfred Manuel
Marco Margaret Maria Marie Marina Mario Marion Markus Martha Martin Martina Mary Matteo Matthew
Matthias Maurice Maximilian Megan Melanie Melissa Michael Michel Michelle Miguel Mila Mohamed
Mohammed Monica Monika Muhammad Nadia Nancy Natalie Nathan Nicholas Nicolas Nicole Nina Noah Nora
Oliver Olivia Oscar Otto Pablo Pamela Patricia Paul Paula Pedro Peter Petra Philip Philippe Phillip
Pierre Priya Rachel Rafael Rainer Ralf Ralph Raymond Rebecca Renate Ricardo Richard Rita Robert
Roberto Roger Roland Ronald Rosa Rosemary Ruth Ryan Sabine Samantha Samuel Sandra Sara Sarah Sebastian
Sergio Sharon Sheila Shirley Silvia Simon Simone Sofia Sophia Sophie Stefan Stefanie Stephanie Stephen
Steven Susan Susanne Sven Sylvia Tamara Tanya Teresa Theodor Theresa Thomas Timothy Tobias Ulrich Ursula
Ute Valentina Valerie Vanessa Vera Veronica Victor Victoria Vincent Virginia Vivian Vladimir Walter
Wei Werner Wilhelm William Wolfgang Xavier Yasmin Yusuf Yvonne Zoe
"""

_WORDS = """
Amber April August Autumn Bill Bob Chase Dawn Dean Dick Drew Earl Faith Frank Gene Grace
Grant Guy Harry Hazel Heath Holly Hope Iris Ivy Jack Jade Jasmine Jordan Joy June Kim Lane Lee Lily
Mark Mason Max May Mercy Miles Nick Olive Pat Patience Pearl Penny Ray Reed Rich Rob Robin Rose
Ruby Sally Scarlett Scott Skip Sue Summer Ted Tom Tony Violet Wade Ward Warren Will Willow Woody
"""

GIVEN_NAMES = frozenset(_GIVEN.split())
ALSO_WORDS = frozenset(_WORDS.split())
"""Those that are other words as well: they count as names only before another name."""
